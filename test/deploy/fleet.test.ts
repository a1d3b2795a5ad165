// Holds deploy/compose.fleet.yaml and deploy/kubernetes to what weir, the image and HAProxy's file
// really offer: every flag, port, path and name that they use is looked up. No container engine and
// no cluster is needed; what weir is told in them is told to a real one.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments, parseDocument } from "yaml";
import { chooseWorkerCount } from "../../src/serve/process-limits.ts";
import { findFreePort } from "../fixtures/free-port.ts";
import { runWeir } from "../fixtures/run-weir.ts";
import { makeTempFolder, writeTree } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";

const DEPLOY = fileURLToPath(new URL("../../deploy", import.meta.url));

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks: readonly string[] | Readonly<Record<string, { ipv4_address?: string } | null>>;
  readonly secrets?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: { readonly inside: { readonly internal: boolean } };
}

function readText(name: string): string {
  return readFileSync(join(DEPLOY, name), "utf8");
}

const compose = parseDocument(readText("compose.fleet.yaml"), { merge: true }).toJS() as Compose;
const services = Object.entries(compose.services);
const weirs = services.filter(([, { build }]) => build !== undefined);
const haproxy = readText("haproxy.cfg");

test("compose.fleet.yaml: is well-formed, and has three weir, Valkey and HAProxy", () => {
  const { errors, warnings } = parseDocument(readText("compose.fleet.yaml"), { merge: true });
  assert.deepEqual([...errors, ...warnings], []);
  assert.deepEqual(Object.keys(compose.services), ["weir1", "weir2", "weir3", "valkey", "haproxy"]);
  for (const [name, { build }] of weirs)
    assert.ok(existsSync(join(DEPLOY, build!, "Dockerfile")), name);
});

test("compose.fleet.yaml: pins the images of others, and runs nobody as root", () => {
  for (const [name, { build, image, user }] of services) {
    // That of the Dockerfile is held to it by its own tests.
    if (build !== undefined) continue;
    assert.match(image ?? "", /^[\w./-]+:\d[\w.-]*$/, name);
    assert.match(user ?? "", /^[1-9]\d*:[1-9]\d*$/, name);
  }
});

test("compose.fleet.yaml: lets no service write to its image or gain rights", () => {
  for (const [name, { read_only, cap_drop, security_opt }] of services) {
    assert.equal(read_only, true, name);
    assert.deepEqual(cap_drop, ["ALL"], name);
    assert.ok(security_opt?.includes("no-new-privileges:true"), name);
  }
});

test("compose.fleet.yaml: gives every service a health check, and waits for those it names", () => {
  for (const [name, { healthcheck, depends_on = {} }] of services) {
    assert.equal(healthcheck?.test[0], "CMD", name);
    for (const [other, { condition }] of Object.entries(depends_on)) {
      assert.ok(other in compose.services, `${name} waits for ${other}`);
      assert.equal(condition, "service_healthy");
    }
  }
});

test("compose.fleet.yaml: declares its volumes and secrets, a folder of hits for each weir", () => {
  const states = weirs.map(([, { volumes = [] }]) =>
    volumes.find((each) => /^state\d:/.test(each)),
  );
  assert.equal(new Set(states).size, weirs.length);
  for (const [name, { volumes = [], secrets = [] }] of services) {
    for (const volume of volumes) {
      const [source = "", , mode] = volume.split(":");
      if (!source.startsWith(".")) assert.ok(source in compose.volumes, `${name}: ${source}`);
      else {
        assert.ok(existsSync(join(DEPLOY, source)), `${name}: ${source}`);
        assert.equal(mode, "ro", `${name}: ${source}`);
      }
    }
    for (const secret of secrets) assert.ok(secret in compose.secrets, `${name}: ${secret}`);
  }
  const { file } = compose.secrets["admin-token"]!;
  assert.ok(readFileSync(join(DEPLOY, "../.gitignore"), "utf8").includes(join("deploy", file)));
});

test("compose.fleet.yaml: starts weir with flags that it accepts, and trusts HAProxy's address alone", async (t) => {
  const { networks } = compose.services.haproxy!;
  const address = (networks as Record<string, { ipv4_address?: string }>).inside?.ipv4_address;
  for (const [name, { command = [] }] of weirs) {
    assert.equal(command[command.indexOf("--trust-proxy") + 1], address, name);
    assert.deepEqual(command.slice(0, 2), ["serve", "/srv"], name);
    // Accepted up to the one file that is not here.
    const args = command.map((word) => (word === "/srv" ? DEPLOY : word));
    const { code, stderr } = await runWeir(t, args);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^weir: cannot use the token in "\/run\/secrets\/admin-token": there is no/,
    );
    const secret = command[command.indexOf("--admin-token-file") + 1];
    assert.ok(compose.secrets[secret?.replace("/run/secrets/", "") ?? ""], name);
  }
});

test("compose.fleet.yaml and haproxy.cfg: name the same servers and ports", () => {
  const servers = [...haproxy.matchAll(/^ *server (\w+) (\w+):(\d+)$/gm)];
  assert.deepEqual(
    servers.map(([, , host]) => host),
    weirs.map(([name]) => name),
  );
  assert.ok(servers.every(([, name, host, port]) => name === host && port === "8001"));
  const bound = /^ *bind :(\d+)$/m.exec(haproxy)?.[1];
  assert.deepEqual(compose.services.haproxy?.ports, [`${bound}:${bound}`]);
  const checked = /check port (\d+) /.exec(haproxy)?.[1];
  for (const [name, { command = [], healthcheck, ports }] of weirs) {
    assert.equal(command[command.indexOf("--admin") + 1], `0.0.0.0:${checked}`, name);
    assert.equal(healthcheck?.test.at(-1), `http://127.0.0.1:${checked}/readyz`, name);
    assert.equal(ports, undefined, name);
  }
  // Who trusts the PROXY protocol must get it, and the other way round.
  assert.equal(
    / send-proxy-v2 /.test(haproxy),
    weirs[0]?.[1].command?.includes("--proxy-protocol"),
  );
  assert.equal(compose.networks.inside.internal, true);
});

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a form of its own, looked at path by path
  readonly [part: string]: any;
}

const folder = join(DEPLOY, "kubernetes");
const resources = readdirSync(folder)
  .sort()
  .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), "utf8")))
  .map((document) => {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    return document.toJS() as Resource;
  });

function find(kind: string, name = "weir"): Resource {
  const found = resources.find((each) => each.kind === kind && each.metadata.name === name);
  assert.ok(found, `a ${kind} of the name ${name}`);
  return found;
}

const deployment = find("Deployment");
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const config = JSON.parse(find("ConfigMap").data["weir.config.json"]);

test("kubernetes: has what a weir needs, all under one label", () => {
  const kinds = resources.map(({ kind }) => kind).sort();
  const expected = [
    "ConfigMap",
    "Deployment",
    "PodDisruptionBudget",
    "Secret",
    "Service",
    "Service",
  ];
  assert.deepEqual(kinds, expected);
  const labels = { "app.kubernetes.io/name": "weir" };
  for (const { metadata } of resources) assert.deepEqual(metadata.labels, labels, metadata.name);
  assert.deepEqual(deployment.spec.template.metadata.labels, labels);
  assert.deepEqual(deployment.spec.selector.matchLabels, labels);
  assert.deepEqual(find("PodDisruptionBudget").spec.selector.matchLabels, labels);
  assert.deepEqual(pod.topologySpreadConstraints[0].labelSelector.matchLabels, labels);
  for (const name of ["weir", "weir-admin"]) {
    assert.deepEqual(find("Service", name).spec.selector, labels);
  }
});

test("kubernetes: ports agree, from the Service over the container to what weir is told", () => {
  const ports = Object.fromEntries(
    container.ports.map((port: { name: string; containerPort: number }) => [
      port.name,
      port.containerPort,
    ]),
  );
  assert.deepEqual(ports, { http: config.port, admin: Number(config.admin.split(":")[1]) });
  for (const name of ["weir", "weir-admin"]) {
    for (const { targetPort } of find("Service", name).spec.ports) assert.ok(targetPort in ports);
  }
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const { path, port } = container[probe].httpGet;
    assert.equal(port, "admin", probe);
    assert.equal(path, probe === "readinessProbe" ? "/readyz" : "/livez");
  }
});

test("kubernetes: gives the Pod no root, no rights, and nothing to write to but its own folders", () => {
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.ok(pod.securityContext.runAsUser > 0);
  assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.equal(pod.automountServiceAccountToken, false);
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const writable = container.volumeMounts.filter(
    (mount: { readOnly?: boolean }) => !mount.readOnly,
  );
  const paths = writable.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.deepEqual(paths, [config.state, "/tmp"]);
});

test("kubernetes: mounts each volume, and takes keys that the ConfigMap and the Secret have", () => {
  const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();
  assert.deepEqual(names(container.volumeMounts), names(pod.volumes));
  const { stringData } = find("Secret");
  const secret = pod.volumes.find(({ name }: { name: string }) => name === "secret").secret;
  for (const { key } of secret.items) assert.ok(key in stringData, key);
  assert.ok(container.env[0].valueFrom.secretKeyRef.key in stringData);
  const mountPathOf = (volume: string) =>
    container.volumeMounts.find(({ name }: { name: string }) => name === volume).mountPath;
  assert.equal(config["admin-token-file"], `${mountPathOf("secret")}/${secret.items[0].path}`);
  assert.deepEqual(container.args, [
    "serve",
    mountPathOf("content"),
    "--config",
    `${mountPathOf("config")}/weir.config.json`,
  ]);
});

test("kubernetes: names its threads, and gives them the memory that weir plans for them", () => {
  const mebibytes = (text: string) => Number(/^(\d+)Mi$/.exec(text)?.[1]);
  const { requests, limits } = container.resources;
  // Without a CPU limit the cores of the node would count, and a node may have many.
  assert.equal(limits.cpu, undefined);
  assert.ok(Number.isInteger(config.workers));
  const memoryBytes = mebibytes(limits.memory) * 1024 * 1024;
  const room = { coreCount: 64, cpuCount: undefined, memoryBytes, descriptorLimit: 1_048_576 };
  assert.ok(config.workers <= chooseWorkerCount(room), "the limit is made for so many threads");
  assert.ok(mebibytes(requests.memory) > 93 + 26 * config.workers, "they start within the request");
});

test("kubernetes: trusts single addresses, and none that a Pod could have", () => {
  for (const address of config["trust-proxy"]) assert.match(address, /^192\.0\.2\.\d+$/);
});

test("kubernetes: waits longer for a stop than the pause before it and --drain together", () => {
  const pause = container.lifecycle.preStop.sleep.seconds;
  const drain = Number.parseInt(config.drain, 10);
  assert.ok(pod.terminationGracePeriodSeconds > pause + drain);
});

test("kubernetes: weir starts with that config, and its probes need no token", async (t) => {
  const dir = makeTempFolder(t);
  writeTree(dir, { token: "secret\n", "srv/a.txt": "a" });
  const adminPort = await findFreePort();
  const changed = {
    ...config,
    port: 0,
    admin: `0.0.0.0:${adminPort}`,
    "admin-token-file": join(dir, "token"),
    state: join(dir, "state"),
  };
  // The names and the forms of the values are what is tried; the addresses are this machine's.
  assert.deepEqual(Object.keys(changed), Object.keys(config));
  writeFileSync(join(dir, "weir.config.json"), JSON.stringify(changed));
  const { stdout: help } = await runWeir(t, ["serve", "--help"]);
  for (const { name } of container.env) assert.ok(help.includes(`env: ${name}]`), name);
  await startWeir(t, { dir: join(dir, "srv"), args: ["--config", join(dir, "weir.config.json")] });
  const statusOf = async (path: string) =>
    (await fetch(`http://127.0.0.1:${adminPort}${path}`)).status;
  assert.equal(await statusOf("/livez"), 200);
  assert.equal(await statusOf("/readyz"), 200);
  assert.equal(await statusOf("/metrics"), 401);
});
