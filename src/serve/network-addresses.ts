// The addresses of this machine, as far as the system reveals them. A sandbox may forbid the question: then
// there are none, and the banner and the advice in errors leave them out.

import { hostname, networkInterfaces } from "node:os";

/** IPv4 addresses by which others may reach this machine. */
export function listNetworkAddresses(): string[] {
  return listInterfaces()
    .filter((entry) => !entry.internal && entry.family === "IPv4")
    .map((entry) => entry.address);
}

/** Whether a name is the host name of this machine, with its domain or without. */
export function isOwnHostName(name: string): boolean {
  try {
    const own = hostname().toLowerCase();
    const given = name.toLowerCase();
    if (own === "" || own === "localhost") return false;
    return given === own || given.split(".", 1)[0] === own.split(".", 1)[0];
  } catch {
    return false;
  }
}

function listInterfaces() {
  try {
    return Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  } catch {
    return [];
  }
}

/** `http://localhost:8001`, `http://[::1]:8001`. */
export function formatUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
