// The most requested files, now and in all: two lists of links. Called by main.ts once a second.

import type { FileFacts, Snapshot } from "../../src/admin/snapshot.ts";
import { KeyedRows, type Row } from "./keyed-rows.ts";
import { formatCount, formatRate } from "./number-format.ts";
import {
  makeBar,
  makeElement,
  requireElement,
  setAttribute,
  setBar,
  setHidden,
  setText,
} from "./page-element.ts";

interface FileItem {
  readonly path: string;
  readonly url: string;
  readonly text: string;
  /** The share of the count of the first file in the list. */
  readonly share: number;
}

export class FileView {
  readonly #now = new FileList("files-now");
  readonly #all = new FileList("files-all");

  show({ files, server }: Snapshot): void {
    this.#now.show(files.now, server.url, "hitsPerSecond", formatRate);
    this.#all.show(files.all, server.url, "hits", formatCount);
  }
}

class FileList {
  readonly #rows: KeyedRows<FileItem>;
  readonly #none: HTMLElement;

  constructor(id: string) {
    this.#rows = new KeyedRows(requireElement(`#${id}`, HTMLElement), {
      keyOf: ({ url }) => url,
      make: makeRow,
      driftPlaces: 0,
      isHoldable: true,
    });
    this.#none = requireElement(`#no-${id}`, HTMLElement);
  }

  show(
    files: readonly FileFacts[],
    publicUrl: string,
    field: "hits" | "hitsPerSecond",
    format: (value: number) => string,
  ): void {
    const most = Math.max(...files.map((file) => file[field]), Number.MIN_VALUE);
    this.#rows.show(
      files.map((file) => ({
        path: file.path,
        url: joinUrl(publicUrl, file.href),
        text: format(file[field]),
        share: file[field] / most,
      })),
    );
    setHidden(this.#none, files.length > 0);
  }
}

/** Not `new URL`: a path that begins with two slashes would lead to another server. */
function joinUrl(publicUrl: string, href: string): string {
  return `${publicUrl.replace(/\/$/, "")}/${href.replace(/^\//, "")}`;
}

function makeRow({ path, url }: FileItem): Row<FileItem> {
  const element = makeElement("li");
  const link = makeElement("a");
  // A name of its own direction must not turn the rest of the line around.
  link.append(makeElement("bdi", "", path));
  link.title = path;
  link.target = "_blank";
  link.rel = "noopener";
  setAttribute(link, "href", url);
  const value = makeElement("span", "value");
  const { track, bar } = makeBar();
  element.append(link, value, track);
  return {
    element,
    show({ text, share }) {
      setText(value, text);
      setBar(bar, share);
    },
  };
}
