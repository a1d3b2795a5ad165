import assert from "node:assert/strict";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder } from "../../test/fixtures/temp-folder.ts";
import { InstanceIdentity } from "./instance-identity.ts";

const PLACE = { rootDir: "/served", store: "store/0 weir:" };

test("the name and the number of the last call are there at the next start", (t) => {
  const stateDir = join(makeTempFolder(t), "state");
  const first = InstanceIdentity.open({ ...PLACE, stateDir });
  assert.equal(first.lastCall, 0);
  first.noteCall(7);
  first.close();
  const next = InstanceIdentity.open({ ...PLACE, stateDir });
  assert.deepEqual([next.instance, next.lastCall], [first.instance, 7]);
  next.renew();
  assert.notEqual(next.instance, first.instance);
  next.close();
  const last = InstanceIdentity.open({ ...PLACE, stateDir });
  assert.deepEqual([last.instance, last.lastCall], [next.instance, 0]);
  last.close();
});

test("servers of one folder with one state have names of their own, the same at each start", (t) => {
  const stateDir = makeTempFolder(t);
  const namesOfThree = () => {
    const identities = [0, 1, 2].map(() => InstanceIdentity.open({ ...PLACE, stateDir }));
    for (const identity of identities) identity.close();
    return identities.map(({ instance }) => instance);
  };
  const names = namesOfThree();
  assert.equal(new Set(names).size, 3);
  assert.deepEqual(namesOfThree(), names);
});

test("another folder and another store have names of their own", (t) => {
  const stateDir = makeTempFolder(t);
  const places = [PLACE, { ...PLACE, rootDir: "/other" }, { ...PLACE, store: "other" }];
  const names = places.map((place) => {
    const identity = InstanceIdentity.open({ ...place, stateDir });
    identity.close();
    return identity.instance;
  });
  assert.equal(new Set(names).size, 3);
});

test("a copy of a state folder has another name", (t) => {
  const folder = makeTempFolder(t);
  const original = InstanceIdentity.open({ ...PLACE, stateDir: join(folder, "a") });
  original.noteCall(3);
  original.close();
  cpSync(join(folder, "a"), join(folder, "b"), { recursive: true, preserveTimestamps: true });
  const copy = InstanceIdentity.open({ ...PLACE, stateDir: join(folder, "b") });
  assert.notEqual(copy.instance, original.instance);
  assert.equal(copy.lastCall, 0);
  copy.close();
});

test("where no name can be kept it is a fresh one [a file in the folder's place, damaged files]", (t) => {
  const folder = makeTempFolder(t);
  const file = join(folder, "file");
  writeFileSync(file, "");
  const [first, second] = [0, 1].map(() => InstanceIdentity.open({ ...PLACE, stateDir: file }));
  assert.notEqual(first?.instance, second?.instance);
  first?.noteCall(1);
  const stateDir = join(folder, "state");
  const whole = InstanceIdentity.open({ ...PLACE, stateDir });
  whole.close();
  const [name = ""] = readdirSync(stateDir);
  writeFileSync(join(stateDir, name), "no database".repeat(1000));
  const next = InstanceIdentity.open({ ...PLACE, stateDir });
  assert.notEqual(next.instance, whole.instance);
  next.close();
});
