// How far a listing has come. It holds no entries: those lie in the thread's RememberedFolders as long as
// there is room, and are read again when they are gone and the client reads on. A listing itself holds
// little, however large the folder: the places of its rows, or where those are many, one bit for each row
// that has been sent. Called by parts.ts.

import type { DirectoryEntry, FolderContent } from "./entry.ts";
import type { ListingFacts, ListingForm, ListingPage, ReadmeText } from "./form.ts";
import { orderPlaces } from "./order.ts";
import { createNameMatcher, type ListingQuery, type NameMatcher } from "./query.ts";
import { isReadmeName } from "./readme.ts";
import {
  type ChosenPlaces,
  chosenBytes,
  type RememberedFolder,
  type RememberedFolders,
} from "./remembered-folders.ts";
import { ENTRIES_PER_PAUSE, PAUSE, type SlicedWork, type WorkPlace } from "./time-slice.ts";

export interface ListingRequest {
  readonly form: ListingForm;
  readonly pathSegments: readonly string[];
  readonly query: ListingQuery;
  /** Undefined: all entries are listed at once. */
  readonly entriesPerPage: number | undefined;
  readonly hitsOf: (entry: DirectoryEntry) => number;
  readonly folder: FolderToList;
  /** The README among the entries that may be one, as it is at that moment. Undefined: none is shown. */
  readonly readmeOf?:
    | ((entries: readonly DirectoryEntry[]) => SlicedWork<ReadmeText | undefined>)
    | undefined;
}

export interface FolderToList {
  readonly folders: RememberedFolders;
  readonly workPlace: WorkPlace;
  /**
   * The folder as it is now, or as it was read a moment ago.
   * @throws what the system says about one that cannot be read, in the first step if it has gone
   */
  load(): SlicedWork<RememberedFolder>;
  /** Called after each preparation. Until then the work may start over, and loads the folder again. */
  prepared(): void;
  /** Called once, when the listing needs the folder no longer. */
  release(): void;
}

/** The folder or the README has changed since the beginning of the listing left, so the listing is cut. */
export class ListingChangedError extends Error {
  override readonly name = "ListingChangedError";
}

/** Places that take more are left to the remembered folder, which may drop them. */
const OWN_BYTES_MAX = 64 * 1024;

export class ListingProgress {
  readonly #request: ListingRequest;
  readonly #matches: NameMatcher | undefined;
  /** Weak: RememberedFolders decides whether there is room for it. */
  #folder: WeakRef<RememberedFolder> | undefined;
  #placesKey: string | undefined;
  #own: ChosenPlaces | undefined;
  /** The folder's key for the places, where they are not our own. */
  #chosenKey: unknown = this;
  #hitsMax = 1;
  #nextIndex = 0;
  #sentCount = 0;
  /** A bit for each entry, set when its row has been sent; only where the places may be lost. */
  #sent: Uint8Array | undefined;
  #knownFacts: ListingFacts | undefined;
  /** Files that may be the folder's README. */
  readmes: readonly DirectoryEntry[] = [];

  constructor(request: ListingRequest) {
    this.#request = request;
    this.#matches = createNameMatcher(request.query.wanted);
  }

  get facts(): ListingFacts {
    if (this.#knownFacts === undefined) throw new Error("a listing is prepared first");
    return this.#knownFacts;
  }

  get isDone(): boolean {
    return this.#sentCount === this.facts.rowCount;
  }

  /** Loads the folder and chooses what is listed of it: first of all, and whenever it has been dropped. */
  *prepare(): SlicedWork<void> {
    yield* this.#request.folder.workPlace.run(() => this.#loadAndChoose());
    this.#request.folder.prepared();
  }

  *#loadAndChoose(): SlicedWork<void> {
    const folder = yield* this.#request.folder.load();
    const { placesKey } = folder.folder;
    if (this.#placesKey !== undefined && this.#placesKey !== placesKey) {
      throw new ListingChangedError("the folder's names have changed");
    }
    this.#letGo();
    if (this.#own === undefined) yield* this.#choose(folder);
    this.#placesKey = placesKey;
    folder.useCount++;
    this.#folder = new WeakRef(folder);
  }

  *#choose(folder: RememberedFolder): SlicedWork<void> {
    const { entriesPerPage } = this.#request;
    const { content } = folder.folder;
    const all = yield* this.#chooseAll(folder);
    if (this.#knownFacts === undefined) {
      this.#knownFacts = this.#describe(content, all);
      if (this.#request.readmeOf !== undefined) this.readmes = yield* findReadmes(content);
    }
    this.#nextIndex = 0;
    const { page } = this.#knownFacts;
    const shown = page === undefined ? all : cutPage(all, page);
    if (this.#request.form.showsShare) this.#hitsMax = yield* this.#findHitsMax(content, shown);
    if (entriesPerPage !== undefined || chosenBytes(shown) <= OWN_BYTES_MAX) {
      this.#own = shown;
      return;
    }
    this.#sent ??= new Uint8Array(Math.ceil(content.entries.length / 8));
    if (folder.chosenFor(this.#chosenKey) !== shown) folder.keepChosen(this.#chosenKey, shown);
  }

  /** All entries that match and have not been sent, in the order that was asked for. */
  *#chooseAll(folder: RememberedFolder): SlicedWork<ChosenPlaces> {
    const { query, hitsOf } = this.#request;
    const { order } = query;
    const { entries, directoryCount } = folder.folder.content;
    const isAnyones =
      this.#matches === undefined && this.#sent === undefined && order.by !== "hits";
    this.#chosenKey = isAnyones ? `${order.by} ${order.order}` : this;
    const known = folder.chosenFor(this.#chosenKey);
    if (known !== undefined) return known;
    const matching = yield* this.#findMatching(folder.folder.content);
    if (order.by !== "hits") {
      const places = yield* orderPlaces(
        { entries, directoryCount, hitsAt: () => 0 },
        order,
        matching,
      );
      return { places, hits: undefined };
    }
    const hits = new Float64Array(entries.length);
    for (const [index, place] of matching.entries()) {
      hits[place] = hitsOf(entries.at(place)!);
      if ((index + 1) % ENTRIES_PER_PAUSE === 0) yield PAUSE;
    }
    const hitsAt = (place: number) => hits[place]!;
    const places = yield* orderPlaces({ entries, directoryCount, hitsAt }, order, matching);
    return { places, hits: Float64Array.from(places, hitsAt) };
  }

  *#findMatching({ entries }: FolderContent): SlicedWork<Uint32Array> {
    const matches = this.#matches;
    const sent = this.#sent;
    const places = new Uint32Array(entries.length);
    let count = 0;
    for (let place = 0; place < entries.length; place++) {
      if (matches !== undefined && (place + 1) % ENTRIES_PER_PAUSE === 0) yield PAUSE;
      if (sent !== undefined && hasBit(sent, place)) continue;
      if (matches === undefined || matches(entries.at(place)!)) places[count++] = place;
    }
    return count === places.length ? places : places.slice(0, count);
  }

  #describe(content: FolderContent, { places }: ChosenPlaces): ListingFacts {
    const { pathSegments, query, entriesPerPage } = this.#request;
    const { entries, directoryCount, sizeBytes, unreadCount } = content;
    const matchCount = places.length;
    let page: ListingPage | undefined;
    let rowCount = matchCount;
    if (entriesPerPage !== undefined) {
      const count = Math.max(1, Math.ceil(matchCount / entriesPerPage));
      page = { number: query.page ?? 1, entriesPerPage, count };
      rowCount = Math.min(
        entriesPerPage,
        Math.max(0, matchCount - (page.number - 1) * entriesPerPage),
      );
    }
    const totals = { entryCount: entries.length, directoryCount, sizeBytes, unreadCount };
    return { pathSegments, query, totals, matchCount, rowCount, page };
  }

  *#findHitsMax(content: FolderContent, { places, hits }: ChosenPlaces): SlicedWork<number> {
    let most = 1;
    for (let index = 0; index < places.length; index++) {
      const some = hits?.[index] ?? this.#request.hitsOf(content.entries.at(places[index]!)!);
      if (some > most) most = some;
      if ((index + 1) % ENTRIES_PER_PAUSE === 0) yield PAUSE;
    }
    return most;
  }

  /**
   * The next rows, until they are `lengthMax` long or none is left. It pauses nowhere, and so holds nothing
   * while the client takes its time.
   * @returns undefined when the listing has to be prepared again
   */
  nextRows(lengthMax: number): string | undefined {
    const { form, hitsOf, folder: toList } = this.#request;
    const folder = this.#folder?.deref();
    const chosen = this.#own ?? folder?.chosenFor(this.#chosenKey);
    if (folder === undefined || chosen === undefined) return undefined;
    toList.folders.touch(folder);
    const { entries } = folder.folder.content;
    const rowAt = folder.rowsIn(form);
    const sent = this.#sent;
    let rows = "";
    while (this.#nextIndex < chosen.places.length && rows.length < lengthMax) {
      const index = this.#nextIndex++;
      const place = chosen.places[index]!;
      const { before, after } = rowAt(place);
      const hits = chosen.hits?.[index] ?? hitsOf(entries.at(place)!);
      if (this.#sentCount > 0) rows += form.separator;
      rows += before + form.formatHits(hits, this.#hitsMax) + after;
      if (sent !== undefined) sent[place >> 3]! |= 1 << (place & 7);
      this.#sentCount++;
    }
    return rows;
  }

  /** Called once, wherever the listing ends. */
  end(): void {
    this.#letGo();
    this.#request.folder.release();
  }

  #letGo(): void {
    const folder = this.#folder?.deref();
    this.#folder = undefined;
    if (folder === undefined) return;
    folder.forgetChosen(this);
    this.#request.folder.folders.release(folder);
  }
}

function hasBit(bits: Uint8Array, place: number): boolean {
  return (bits[place >> 3]! & (1 << (place & 7))) !== 0;
}

/** A copy: a view would keep all other places in memory. */
function cutPage({ places, hits }: ChosenPlaces, page: ListingPage): ChosenPlaces {
  const start = (page.number - 1) * page.entriesPerPage;
  const end = start + page.entriesPerPage;
  return { places: places.slice(start, end), hits: hits?.slice(start, end) };
}

function* findReadmes({ entries }: FolderContent): SlicedWork<DirectoryEntry[]> {
  const found: DirectoryEntry[] = [];
  for (let place = 0; place < entries.length; place++) {
    const entry = entries.at(place)!;
    if (entry.kind === "file" && isReadmeName(entry.byteName)) found.push(entry);
    if ((place + 1) % ENTRIES_PER_PAUSE === 0) yield PAUSE;
  }
  return found;
}
