// How an address is written in a URL. Pure; for what people read and click.

/** `http://localhost:8001`, `http://[::1]:8001`. */
export function formatUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
