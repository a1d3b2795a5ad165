import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { withLabServer } from "./server.ts";

const { signal } = new AbortController();
const unused = () => Promise.reject(new Error("there is no server to use"));

test("a server that cannot start (--rate 0/s) is one line with its own reason", async (t) => {
  const surroundings = { folder: makeTempFolder(t), signal };
  await assert.rejects(withLabServer(surroundings, ["--rate", "0/s"], unused), (error: Error) => {
    assert.match(error.message, /^cannot start a server for the lab: .*\S$/);
    assert.equal(error.message.split("\n").length, 1);
    assert.equal(error.name, "OperationError");
    return true;
  });
});

test("nothing is started when the signal came before", async (t) => {
  const surroundings = { folder: makeTempFolder(t), signal: AbortSignal.abort(new Error("stop")) };
  await assert.rejects(withLabServer(surroundings, [], unused), /^Error: stop$/);
});

test("the server answers while it is used, and is gone afterwards, also after a failure", async (t) => {
  const surroundings = { folder: makeTempFolder(t), signal };
  let url = "";
  const run = withLabServer(surroundings, ["--rate", "off"], async (port) => {
    url = `http://127.0.0.1:${port}/`;
    assert.equal((await fetch(url)).status, 200);
    throw new Error("enough");
  });
  await assert.rejects(run, /^Error: enough$/);
  await assert.rejects(fetch(url));
});
