// How each peer is told to serve a folder: the plainest configuration that serves its files, with
// everything that the peer writes in a folder of its own. Only texts and arguments; peers.ts starts.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface PeerConfig {
  /** As it is called on PATH; undefined where it is the Node that runs this. */
  readonly program: string | undefined;
  readonly debianPackage: string;
  readonly args: readonly string[];
  /** The one file of configuration, if it has one. */
  readonly file?: { readonly name: string; readonly text: string };
}

export interface PeerPlace {
  readonly port: number;
  readonly served: string;
  /** An empty folder for its configuration, logs and temporary files. */
  readonly own: string;
}

const NODE_HTTP = fileURLToPath(new URL("node-http/main.ts", import.meta.url));

export const PEERS: Readonly<Record<string, (place: PeerPlace) => PeerConfig>> = {
  nginx: nginxConfig,
  caddy: caddyConfig,
  apache: apacheConfig,
  node: nodeConfig,
  lighttpd: lighttpdConfig,
  h2o: h2oConfig,
};

function nginxConfig({ port, served, own }: PeerPlace): PeerConfig {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${own}/${kind};`)
    .join(" ");
  return {
    program: "nginx",
    debianPackage: "nginx-light",
    args: ["-p", own, "-c", join(own, "nginx.conf"), "-e", join(own, "error.log")],
    file: {
      name: "nginx.conf",
      text: `daemon off; pid ${own}/pid; error_log ${own}/error.log;
events {}
http {
  access_log off; ${temporary} include /etc/nginx/mime.types;
  server { listen 127.0.0.1:${port}; root ${served}; }
}
`,
    },
  };
}

function caddyConfig({ port, served, own }: PeerPlace): PeerConfig {
  return {
    program: "caddy",
    debianPackage: "caddy",
    args: ["run", "--adapter", "caddyfile", "--config", join(own, "Caddyfile")],
    file: {
      name: "Caddyfile",
      text: `{
  admin off
  auto_https off
}
:${port} {
  bind 127.0.0.1
  root * ${served}
  file_server
}
`,
    },
  };
}

function apacheConfig({ port, served, own }: PeerPlace): PeerConfig {
  const modules = ["mpm_event", "authz_core", "dir", "mime"]
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
    .join("\n");
  return {
    program: "apache2",
    debianPackage: "apache2",
    args: ["-d", own, "-f", join(own, "apache.conf"), "-DFOREGROUND"],
    file: {
      name: "apache.conf",
      text: `${modules}
ServerName weir.test
Listen 127.0.0.1:${port}
User nobody
Group nogroup
PidFile ${own}/pid
ErrorLog ${own}/error.log
TypesConfig /etc/mime.types
DocumentRoot ${served}
<Directory />
  Require all denied
</Directory>
<Directory ${served}>
  Require all granted
</Directory>
`,
    },
  };
}

function nodeConfig({ port, served }: PeerPlace): PeerConfig {
  return { program: undefined, debianPackage: "nodejs", args: [NODE_HTTP, `${port}`, served] };
}

function lighttpdConfig({ port, served, own }: PeerPlace): PeerConfig {
  return {
    program: "lighttpd",
    debianPackage: "lighttpd",
    args: ["-D", "-f", join(own, "lighttpd.conf")],
    file: {
      name: "lighttpd.conf",
      text: `server.document-root = "${served}"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "${own}/error.log"
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain" )
`,
    },
  };
}

function h2oConfig({ port, served, own }: PeerPlace): PeerConfig {
  return {
    program: "h2o",
    debianPackage: "h2o",
    args: ["-m", "worker", "-c", join(own, "h2o.conf")],
    file: {
      name: "h2o.conf",
      text: `listen: { host: 127.0.0.1, port: ${port} }
${process.getuid?.() === 0 ? "user: nobody\n" : ""}pid-file: ${own}/pid
error-log: ${own}/error.log
num-threads: 2
hosts:
  default:
    paths:
      "/":
        file.dir: ${served}
`,
    },
  };
}
