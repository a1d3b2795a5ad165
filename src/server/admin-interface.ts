// The admin interface of a running server: its port, its listener, and the monitor behind it. Made by
// running-server.ts when it was asked for; its code is not loaded otherwise.

import { AdminListener } from "../admin/admin-listener.ts";
import { Monitor } from "../admin/monitor.ts";
import type { Clock } from "../base/clock.ts";
import { isLoopback, parseIpAddress } from "../base/ip-address.ts";
import { OperationError } from "../base/operation-error.ts";
import type { AdminConfig } from "../config/serve-config.ts";
import type { ValueOrigin } from "../config/value-origin.ts";
import type { ClientGain } from "../metrics/client-tally.ts";
import { type PortRequest, shownHostOf, type TakenPort, takePort } from "./listen-address.ts";
import type { ListenWords } from "./listen-error.ts";
import { formatUrl } from "./listen-url.ts";
import { ServerWatch, type ServerWatchOptions } from "./server-watch.ts";

/** What to do where the port is in use, and how messages name where it came from. */
export interface PortSearch extends Pick<PortRequest, "takesNext" | "reserved" | "warn"> {
  readonly origin: ValueOrigin | undefined;
}

export interface AdminInterfaceOptions extends ServerWatchOptions {
  readonly clock: Clock;
  /** Prints one line for the person who runs the server. */
  readonly warn: (line: string) => void;
}

export class AdminInterface {
  /** As the user gave the host, with the real port. */
  readonly url: string;
  private readonly keeper: TakenPort["keeper"];
  private readonly admin: AdminConfig;
  private watch: ServerWatch | undefined;
  private monitor: Monitor | undefined;
  private listener: AdminListener | undefined;

  private constructor(admin: AdminConfig, url: string, keeper: TakenPort["keeper"]) {
    this.admin = admin;
    this.url = url;
    this.keeper = keeper;
  }

  /**
   * Takes the port, and answers nobody yet.
   * @param inherited a socket that takes the place of the address in `admin`
   * @throws OperationError when it cannot be had
   */
  static async prepare(
    admin: AdminConfig,
    inherited: TakenPort | undefined,
    search: PortSearch,
  ): Promise<AdminInterface> {
    if (inherited !== undefined) {
      const { address, keeper } = inherited;
      // What the flags were checked for, an address that only this machine reaches, says nothing of it.
      if (admin.token === undefined && !isLoopbackText(address.host)) {
        throw new OperationError(
          'cannot open the admin interface on the socket "admin": others reach its address too; give a token (--admin-token-file FILE), or ListenStream=127.0.0.1:8002',
        );
      }
      const url = formatUrl(shownHostOf(address) ?? "localhost", address.port);
      return new AdminInterface(admin, url, keeper);
    }
    const { origin, ...rest } = search;
    const { host, port } = admin;
    const words = adminWords(host, origin);
    // One host is one address.
    const [taken] = await takePort({ ...rest, hosts: [host], port, words });
    const { address, keeper } = taken as TakenPort;
    return new AdminInterface(admin, formatUrl(host, address.port), keeper);
  }

  /** Answers from now on. */
  async open(options: AdminInterfaceOptions): Promise<void> {
    const { clock, warn } = options;
    this.watch = new ServerWatch(options);
    this.monitor = new Monitor(this.watch, clock);
    const { monitor, admin } = this;
    this.listener = new AdminListener({ monitor, access: admin, clock, warn });
    await this.listener.listen(this.keeper);
  }

  addClients(gains: readonly ClientGain[]): void {
    this.watch?.addClients(gains);
  }

  threadDied(threadIndex: number): void {
    this.watch?.forgetThread(threadIndex);
  }

  /** The server is being stopped: whoever asks is told so, until `close`. */
  drain(): void {
    if (this.watch !== undefined) this.watch.state = "draining";
  }

  close(): void {
    this.monitor?.stop();
    // The listener has taken the port over from the one that kept it.
    if (this.listener !== undefined) this.listener.close();
    else if ("destroy" in this.keeper) this.keeper.destroy();
    else this.keeper.close();
  }
}

function isLoopbackText(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && isLoopback(address);
}

function adminWords(host: string, origin: ValueOrigin | undefined): ListenWords {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  // HOST is another value: an admin host that is none of this machine is always an error.
  const hostOrigin: ValueOrigin | undefined = origin && { ...origin, kind: "typed" };
  return {
    typed: (port) => `--admin ${shownHost}:${port}`,
    example: "--admin 127.0.0.1:8002",
    elsewhere: "use --admin 127.0.0.1:8002",
    hostOrigin,
    portOrigin: origin,
    env: process.env,
  };
}
