// What a row is given: the form of the run, folders to serve and started servers. All of it is gone
// when the row has ended, however it ends.

import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../test/fixtures/temp-folder.ts";
import type { Form } from "./form.ts";
import { weirAt } from "./peers/node-peers.ts";
import type { Peer, ServerOptions } from "./peers/peer.ts";
import { PEERS, type PeerName } from "./peers/peer-list.ts";
import { type Server, startPeer } from "./peers/peer-process.ts";

/** In memory where the system has it: what a disk does is no server's merit. */
const MEMORY_FOLDER = "/dev/shm";

export class RowContext {
  readonly form: Form;
  readonly #warn: (line: string) => void;
  readonly #before: Peer | undefined;
  readonly #folders: string[] = [];
  readonly #servers = new Set<Server>();

  /**
   * @param warn gets a line for each thing that cannot be measured here
   * @param before a revision of weir to start beside weir itself
   */
  constructor(form: Form, warn: (line: string) => void, before?: string) {
    this.form = form;
    this.#warn = warn;
    this.#before = before === undefined ? undefined : weirAt(before);
  }

  makeFolder(): string {
    const parent = existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
    const folder = realpathSync(mkdtempSync(join(parent, "weir-bench-")));
    this.#folders.push(folder);
    return folder;
  }

  /** Starts each that is installed; they stay up until the row ends, which costs nothing while idle. */
  async startServers(names: readonly PeerName[], options: ServerOptions): Promise<Server[]> {
    const servers: Server[] = [];
    for (const name of names) {
      const server = await this.startServer(name, options);
      if (server !== undefined) servers.push(server);
      if (name === "weir" && this.#before !== undefined) {
        servers.push(await this.#start(this.#before, this.#before.find() ?? "", options));
      }
    }
    return servers;
  }

  /** Undefined, after a warning, when the server is not installed. */
  async startServer(
    name: PeerName,
    options: ServerOptions,
    readyPath?: string,
  ): Promise<Server | undefined> {
    const program = PEERS[name].find();
    if (program === undefined) {
      this.#warn(`${PEERS[name].name} is left out: not installed, bench/set-up.sh does it`);
      return undefined;
    }
    return await this.#start(PEERS[name], program, options, readyPath);
  }

  async #start(
    peer: Peer,
    program: string,
    options: ServerOptions,
    readyPath?: string,
  ): Promise<Server> {
    const server = await startPeer(peer, program, options, this.makeFolder(), readyPath);
    this.#servers.add(server);
    return server;
  }

  async stopServer(server: Server): Promise<void> {
    this.#servers.delete(server);
    await server.stop();
  }

  /** Stops every server and removes every folder. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.stop()));
    this.#servers.clear();
    for (const folder of this.#folders.splice(0)) removeFolder(folder);
  }
}
