// One connection to a server under test: sends what a case says and reads the answers for as long as
// more could change the verdict. Bytes that are no HTTP response count as no answer: peers may send
// them, and weir's own answers are held to the strict reading of test/fixtures/raw-response.ts.

import { openRawConnection, type RawConnection } from "../fixtures/raw-client.ts";
import { type RawResponse, splitResponses } from "../fixtures/raw-response.ts";
import type { ServerAddress } from "./server-address.ts";

/** How long the corpora wait for an answer. */
const ANSWER_MS_MAX = 2000;
/** How long an open connection is watched for a second answer, or for a close not announced. */
const QUIET_MS = 250;

export interface Answers {
  /** Final responses; an interim one only where no final one followed. */
  readonly responses: readonly RawResponse[];
  readonly isClosed: boolean;
}

/** Opens a connection, hands it to `talk`, and closes it whatever happens. */
export async function converse<Result>(
  address: ServerAddress,
  talk: (conversation: Conversation) => Promise<Result>,
): Promise<Result> {
  const connection = await openRawConnection(address);
  try {
    return await talk(new Conversation(connection));
  } finally {
    connection.destroy();
  }
}

export class Conversation {
  readonly #connection: RawConnection;
  readonly #payloads: string[] = [];

  constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** Sends bytes, given as one character each. Nothing is sent on a closed connection. */
  async send(payload: string): Promise<void> {
    this.#payloads.push(payload);
    if (payload !== "") await this.#connection.send(payload);
  }

  /**
   * Waits until `count` answers are there in all or the server has closed; then, where the last
   * answer announces a close, for the close, and otherwise a moment for anything more.
   * @param isClear whether nothing that may follow the answer matters
   */
  async hear(
    count: number,
    isClear: (response: RawResponse) => boolean = () => false,
  ): Promise<Answers> {
    await this.#waitForAnswers(count, ANSWER_MS_MAX);
    const { responses, isClosed } = this.answers();
    const last = responses.at(-1);
    if (isClosed || last === undefined || responses.length < count || isClear(last)) {
      return this.answers();
    }
    if (announcesClose(last)) {
      await this.#connection.waitFor({ kind: "closed" }, [], ANSWER_MS_MAX);
    } else {
      await this.#connection.waitFor({ kind: "quiet", ms: QUIET_MS }, [], ANSWER_MS_MAX);
    }
    return this.answers();
  }

  /**
   * Waits for an answer, then ends this side unless the answer announced a close, and waits for
   * the server to close. `closedItself`: it did so without our end.
   */
  async hearToEnd(): Promise<Answers & { readonly closedItself: boolean }> {
    await this.#waitForAnswers(1, QUIET_MS);
    const first = this.answers();
    const isAnnounced = announcesClose(first.responses[0]);
    if (isAnnounced) await this.#connection.waitFor({ kind: "closed" }, [], ANSWER_MS_MAX);
    const closedItself = this.#connection.closed !== "open";
    if (!closedItself) {
      this.#connection.end();
      await this.#connection.waitFor({ kind: "closed" }, [], ANSWER_MS_MAX);
    }
    return { ...this.answers(), closedItself };
  }

  /** What has come so far. */
  answers(): Answers {
    const isClosed = this.#connection.closed !== "open";
    const all = this.#read(isClosed);
    const final = all.filter(({ status }) => status >= 200);
    return { responses: final.length > 0 ? final : all, isClosed };
  }

  #read(ended: boolean): readonly RawResponse[] {
    const { bytes } = this.#connection;
    const methods = this.#methods();
    // A HEAD that is refused before it is read as one is answered with a body; and what a close cuts
    // off leaves the answers before it as they are.
    for (const options of [{ methods, ended }, { ended }, { methods }, {}]) {
      try {
        return splitResponses(bytes, options).responses;
      } catch {}
    }
    return [];
  }

  async #waitForAnswers(count: number, timeoutMs: number): Promise<void> {
    try {
      await this.#connection.waitFor({ kind: "responses", count }, this.#methods(), timeoutMs);
    } catch {
      // What came cannot be read as responses: no more is to be learned but the close.
      await this.#connection.waitFor({ kind: "closed" }, [], timeoutMs);
    }
  }

  #methods(): string[] {
    return this.#payloads.map((payload) => /^\w*/.exec(payload.trimStart())?.[0] ?? "");
  }
}

function announcesClose(response: RawResponse | undefined): boolean {
  if (response === undefined || response.status < 200) return false;
  const options = response.fields.get("connection") ?? [];
  return options.some((value) => /(^|,)\s*close\s*(,|$)/i.test(value));
}
