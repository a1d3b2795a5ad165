# The image of weir: the program, compiled, with the few packages that it runs with.
#   docker build --tag weir .
#   docker run --rm --publish 8001:8001 --volume "$PWD:/srv:ro" weir
# docs/DOCKER.md tells the rest. The version is that of the development dependency "node".

FROM node:26.10.0-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# Builds dist/ from src/. No package needs its install script for that; the one of "node" would
# only fetch a second Node.js.
FROM base AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.ts ./
COPY src/ src/
COPY web/ web/
RUN npm run build

# What is needed at run time and nothing else. A stage of its own, so that no development
# dependency can be left over.
FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM base AS weir
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8001 \
    WEIR_STATE=/var/lib/weir
COPY LICENSE ./
COPY --from=dependencies /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
COPY bin/ bin/
# A volume that is new takes over the owner of this folder.
RUN install --directory --owner=node --group=node --mode=0750 /var/lib/weir

# The user "node" of the base image, by number: only then can an orchestrator see that it is not root.
USER 1000:1000
EXPOSE 8001
# The program is process 1. It handles SIGTERM itself, so it needs neither a shell nor an init
# between it and the engine; it has no children.
STOPSIGNAL SIGTERM
# HEAD is no hit, and comes from the container's own address: it takes nothing from any client.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["node", "/app/bin/weir.js", "get", "--head", "http://127.0.0.1:8001/"]
ENTRYPOINT ["node", "/app/bin/weir.js"]
CMD ["serve", "/srv"]
