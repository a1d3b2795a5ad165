// Brings the hits of one server and those in the store together: it merges what this server has counted, and
// learns what other servers have counted. saver.ts calls it, one pass after the other. A pass that fails
// anywhere is simply repeated, because merging the same numbers twice changes nothing. A pass without news
// costs one call, however many files are counted.

import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodePath, encodePath } from "../hits/export.ts";
import type { ChangedFiles, CountedFile, HitLedger } from "../hits/ledger.ts";
import {
  ENTER,
  HIT_SCRIPT_MS_MAX,
  type HitKeys,
  hitKeys,
  MERGES_PER_SCRIPT_MAX,
  READS_PER_SCRIPT_MAX,
  type ScriptRunner,
  SYNC,
} from "./hit-scripts.ts";
import type { InstanceIdentity } from "./instance-identity.ts";

export interface HitSyncOptions {
  readonly scripts: ScriptRunner;
  /** Precedes every key. */
  readonly prefix: string;
  readonly identity: InstanceIdentity;
  readonly ledger: Pick<HitLedger, "files" | "follow" | "countedOf" | "setTotal">;
}

/** A file, and the hits of it that this process has counted. */
interface Gain {
  readonly file: CountedFile;
  readonly counted: number;
}

/** `behind`: the store has lost data. `taken`: another process counts under this name. */
type Answer = "done" | "more" | "behind" | "taken";

/** After so many files, a few milliseconds, the main thread may do something else. */
const FILES_PER_TURN = 20_000;

export class HitSync {
  readonly #options: HitSyncOptions;
  readonly #keys: HitKeys;
  readonly #nonce = randomBytes(9).toString("base64url");
  readonly #mirror: HitMirror;
  /** Hits of a file that this instance had counted before this process; negative after a change of name. */
  readonly #startByPath = new Map<string, number>();
  /** How much of this process's count is merged, by the index of the file. */
  readonly #mergedByIndex: number[] = [];
  readonly #changed: ChangedFiles;
  /** Files that have changed since they were merged. */
  readonly #unmerged = new Set<CountedFile>();
  /** Counts that were sent under this name in a call that had no answer. */
  readonly #unsureByPath = new Map<string, number>();
  #hasEntered = false;
  #hasLoaded = false;
  /** The store is known to lack something that this server has. */
  #mustFill = false;
  #latestCall = 0;
  /** The highest call that the store has confirmed. */
  #confirmedCall = 0;
  /** The highest call that it has ever noted under this name, even if it has lost it since. */
  #ownCall = 0;
  /** Changes up to this version are known. It is a text because it is only sent back. */
  #since = "0";

  constructor(options: HitSyncOptions) {
    this.#options = options;
    this.#keys = hitKeys(options.prefix);
    this.#mirror = new HitMirror(options.identity.instance);
    this.#changed = options.ledger.follow();
  }

  /**
   * Merges everything that was counted before the call, and learns what others had merged by then. Rejects
   * when the store does not answer; then nothing is lost.
   */
  async pass(): Promise<void> {
    for (;;) {
      if (!this.#hasEntered) await this.#enter();
      const answer = await this.#nextStep();
      this.#mustFill ||= answer === "behind";
      // This server cannot continue from counts that the store has lost before this server knew them, nor
      // from counts to which another process adds.
      if (answer === "taken" || (answer === "behind" && !this.#hasLoaded)) this.#takeNewName();
      if (isTrouble(answer)) continue;
      if (this.#hasLoaded && !this.#mustFill) return;
      if (this.#hasLoaded) this.#mustFill = false;
      this.#hasLoaded = true;
    }
  }

  /** Hits of this process that the store is not known to have. Looks at every file. */
  countUnsaved(): number {
    const { ledger } = this.#options;
    let unsaved = 0;
    for (const file of ledger.files) {
      unsaved += ledger.countedOf(file) - (this.#mergedByIndex[file.index] ?? 0);
    }
    return unsaved;
  }

  async #enter(): Promise<void> {
    const { identity, scripts } = this.#options;
    for (;;) {
      const args = [identity.instance, this.#nonce, identity.lastCall];
      const noted = await scripts.run(ENTER, [this.#keys.instances], args, HIT_SCRIPT_MS_MAX);
      if (Number(noted) >= 0) {
        this.#latestCall = Number(noted);
        this.#confirmedCall = this.#latestCall;
        this.#ownCall = this.#latestCall;
        this.#hasEntered = true;
        return;
      }
      // The store has lost counts of that name, which other servers may still bring back. To continue from
      // fewer would mix the two.
      this.#takeNewName();
    }
  }

  #nextStep(): Promise<Answer> {
    if (!this.#hasLoaded) return this.#load();
    return this.#mustFill ? this.#fill() : this.#exchange();
  }

  /** Reads the whole store, and where this instance left off. It merges nothing of its own before. */
  async #load(): Promise<Answer> {
    this.#since = "0";
    const answer = await this.#readOn("more");
    if (isTrouble(answer)) return answer;
    for (const [path, count] of this.#mirror.ownCounts) {
      this.#startByPath.set(path, count);
      this.#showTotal(path);
    }
    return answer;
  }

  /** Merges all gains and reads all changes. */
  async #exchange(): Promise<Answer> {
    const { ledger } = this.#options;
    // Kept until they are merged, because `take` returns a file again only after a new hit.
    for (const file of this.#changed.take()) this.#unmerged.add(file);
    let gains: Gain[] = [];
    let seen = 0;
    for (const file of this.#unmerged) {
      const counted = ledger.countedOf(file);
      if (counted > (this.#mergedByIndex[file.index] ?? 0)) gains.push({ file, counted });
      else this.#unmerged.delete(file);
      if (gains.length === MERGES_PER_SCRIPT_MAX) {
        const answer = await this.#merge(gains);
        if (isTrouble(answer)) return answer;
        gains = [];
      }
      if (++seen % FILES_PER_TURN === 0) await nextTurn();
    }
    // Also without a gain: from this call the server learns what others have merged, and whether the store
    // has lost data.
    return this.#readOn(await this.#merge(gains));
  }

  async #readOn(first: Answer): Promise<Answer> {
    let answer = first;
    while (answer === "more") answer = await this.#call([]);
    return answer;
  }

  async #merge(gains: readonly Gain[]): Promise<Answer> {
    const { identity } = this.#options;
    const counts = gains.map(({ file: { path }, counted }) => ({
      instance: identity.instance,
      path,
      count: (this.#startByPath.get(path) ?? 0) + counted,
    }));
    // Before the call is sent: a store that has not noted the latest such call does not have all counts.
    if (gains.length > 0) identity.noteCall(this.#latestCall + 1);
    let answer: Answer;
    try {
      answer = await this.#call(counts);
    } catch (error) {
      for (const { path, count } of counts) this.#unsureByPath.set(path, count);
      throw error;
    }
    if (isTrouble(answer)) return answer;
    for (const count of counts) {
      this.#mirror.learn(count);
      this.#unsureByPath.delete(count.path);
    }
    for (const { file, counted } of gains) {
      this.#mergedByIndex[file.index] = counted;
      this.#unmerged.delete(file);
    }
    return answer;
  }

  /** Sends a store that has lost data all known counts of all instances, and reads all that it has. */
  async #fill(): Promise<Answer> {
    this.#since = "0";
    // The first call is carried out, whatever the store has noted of this instance.
    this.#confirmedCall = 0;
    let batch: InstanceCount[] = [];
    for (const count of this.#mirror.allCounts()) {
      batch.push(count);
      if (batch.length < MERGES_PER_SCRIPT_MAX) continue;
      const answer = await this.#call(batch, "filling");
      if (isTrouble(answer)) return answer;
      batch = [];
    }
    const answer = await this.#call(batch, "filling");
    if (isTrouble(answer)) return answer;
    this.#options.identity.noteCall(this.#latestCall + 1);
    // Only from now on may a later start of this instance continue from the store.
    return this.#call([]);
  }

  /** Merges counts and reads one page of changes. */
  async #call(
    counts: readonly InstanceCount[],
    purpose: "usual" | "filling" = "usual",
  ): Promise<Answer> {
    const keys = this.#keys;
    this.#latestCall++;
    const reply = await this.#options.scripts.run(
      SYNC,
      [keys.instances, keys.counts, keys.totals, keys.changes, keys.version],
      [
        this.#options.identity.instance,
        this.#nonce,
        this.#latestCall,
        this.#confirmedCall,
        this.#ownCall,
        purpose === "usual" ? 1 : 0,
        this.#since,
        READS_PER_SCRIPT_MAX,
        ...counts.flatMap(({ instance, path, count }) => [
          `${instance}:${encodePath(path)}`,
          count,
        ]),
      ],
      HIT_SCRIPT_MS_MAX,
    );
    const [outcome, noted, last, ...changes] = reply as string[];
    if (outcome === "behind") return outcome;
    if (outcome === "taken") {
      this.#learnUnsure(counts, changes);
      return outcome;
    }
    this.#confirmedCall = Math.max(this.#confirmedCall, Number(noted));
    this.#ownCall = Math.max(this.#ownCall, this.#confirmedCall);
    this.#since = String(last);
    for (let at = 0; at < changes.length; at += 2) {
      this.#learn(changes[at]!, Number(changes[at + 1]));
    }
    return changes.length < 2 * READS_PER_SCRIPT_MAX ? "done" : "more";
  }

  /**
   * Another process took the name after a call without an answer. The store shows whether that call was
   * carried out. If the other process has counted on, the store shows at least as much, and the call counts
   * as carried out.
   */
  #learnUnsure(counts: readonly InstanceCount[], stored: readonly string[]): void {
    counts.forEach((each, index) => {
      const sent = this.#unsureByPath.get(each.path) ?? 0;
      this.#mirror.learn({ ...each, count: Math.min(sent, Number(stored[2 * index + 1])) });
    });
  }

  #learn(member: string, count: number): void {
    const colon = member.indexOf(":");
    const path = decodePath(member.slice(colon + 1));
    const isNew = this.#mirror.learn({ instance: member.slice(0, colon), path, count });
    if (isNew) this.#showTotal(path);
  }

  #showTotal(path: string): void {
    const start = this.#startByPath.get(path) ?? 0;
    this.#options.ledger.setTotal(path, this.#mirror.totalOfOthers(path) + start);
  }

  /** Counts that were merged under the old name stay, as those of another instance. */
  #takeNewName(): void {
    const { identity } = this.#options;
    const oldCounts = [...this.#mirror.ownCounts];
    identity.renew();
    this.#mirror.becomeInstance(identity.instance);
    for (const [path, count] of oldCounts) {
      const start = this.#startByPath.get(path) ?? 0;
      // Until everything is loaded, all of it comes from earlier processes.
      if (this.#hasLoaded) this.#startByPath.set(path, start - count);
      this.#showTotal(path);
    }
    this.#unsureByPath.clear();
    this.#latestCall = 0;
    this.#confirmedCall = 0;
    this.#ownCall = 0;
    this.#hasEntered = false;
    // The new name cannot show whether the store still has what was read under the old one.
    this.#mustFill = true;
  }
}

function isTrouble(answer: Answer): boolean {
  return answer === "behind" || answer === "taken";
}

/** How many hits an instance has counted of a file in all its life. */
interface InstanceCount {
  readonly instance: string;
  /** One character for each byte. */
  readonly path: string;
  readonly count: number;
}

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/**
 * The counts of the fleet as this server knows them: for each file and each instance the highest number that
 * it has read, and the counts that this instance itself has merged. The sums in listings come from it, and
 * a store that has lost its data is filled from it. It knows no store.
 */
export class HitMirror {
  #ownInstance: string;
  readonly #countsByInstance = new Map<string, Map<string, number>>();
  readonly #totalOfOthersByPath = new Map<string, number>();

  constructor(ownInstance: string) {
    this.#ownInstance = ownInstance;
  }

  /** Hits of a file that other instances have counted. */
  totalOfOthers(path: string): number {
    return this.#totalOfOthersByPath.get(path) ?? 0;
  }

  /** The counts that this instance is known to have merged. */
  get ownCounts(): ReadonlyMap<string, number> {
    return this.#countsByInstance.get(this.#ownInstance) ?? NO_COUNTS;
  }

  /** Keeps a count unless a higher one is known. Returns whether the sum of the others has changed. */
  learn({ instance, path, count }: InstanceCount): boolean {
    const counts = this.#countsOf(instance);
    const gained = count - (counts.get(path) ?? 0);
    if (gained <= 0) return false;
    counts.set(path, count);
    if (instance === this.#ownInstance) return false;
    this.#totalOfOthersByPath.set(path, this.totalOfOthers(path) + gained);
    return true;
  }

  /** This instance gets another name. The counts that it has merged now belong to another instance. */
  becomeInstance(instance: string): void {
    for (const [path, count] of this.ownCounts) {
      this.#totalOfOthersByPath.set(path, this.totalOfOthers(path) + count);
    }
    this.#ownInstance = instance;
  }

  /** All known counts of all instances, and perhaps counts that are learned meanwhile. */
  *allCounts(): Generator<InstanceCount> {
    for (const [instance, counts] of this.#countsByInstance) {
      for (const [path, count] of counts) yield { instance, path, count };
    }
  }

  #countsOf(instance: string): Map<string, number> {
    let counts = this.#countsByInstance.get(instance);
    if (counts === undefined) {
      counts = new Map();
      this.#countsByInstance.set(instance, counts);
    }
    return counts;
  }
}
