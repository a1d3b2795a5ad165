import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTempFolder, writeTree } from "../../../test/fixtures/temp-folder.ts";
import { MountTable, parseSlowMounts, readMountInfo } from "./table.ts";

/** A line of proc_pid_mountinfo(5). */
function line(mountPoint: string, type: string, optional = "shared:1"): string {
  return `36 35 98:0 /x ${mountPoint} rw,noatime ${optional} - ${type} /dev/x rw,errors=continue\n`;
}

function tableOf(...mounts: (readonly [string, string])[]): MountTable {
  const text = mounts.map(([point, type]) => line(point, type)).join("");
  return new MountTable({ readMounts: () => text, monotonicMs: () => 0 });
}

test("disks and memory of the machine are fast, all else is slow [ext4, nfs4, fuse.sshfs, 9p, autofs]", () => {
  const text = [
    line("/", "ext4"),
    line("/tmp", "tmpfs"),
    line("/net", "autofs"),
    line("/net/a", "nfs4", "shared:1 master:2"),
    line("/mnt/ssh", "fuse.sshfs", ""),
    line("/mnt/host", "9p"),
    line("/mnt/share", "cifs"),
    line("/mnt/new", "whatever"),
  ].join("");
  assert.deepEqual(
    [...parseSlowMounts(text).keys()],
    ["/net", "/net/a", "/mnt/ssh", "/mnt/host", "/mnt/share", "/mnt/new"],
  );
});

test("what is mounted over a mount takes its place, and names are unescaped [a blank, a tab, a backslash]", () => {
  const text = [
    line("/data", "nfs4"),
    line("/data", "ext4"),
    line("/with\\040blank\\011tab\\134", "nfs4"),
  ].join("");
  assert.deepEqual([...parseSlowMounts(text).keys()], ["/with blank\ttab\\"]);
  assert.deepEqual([...parseSlowMounts("").keys()], []);
  assert.deepEqual([...parseSlowMounts("garbage\n1 2 3 - \n").keys()], []);
});

test("a path is in a slow mount by its text, and no folder that only begins like it", () => {
  const table = tableOf(["/srv/site/disk", "nfs4"]);
  const at = (path: string) => table.locate("/srv/site", path)?.mountPoint;
  assert.equal(at("/disk"), "/srv/site/disk");
  assert.equal(at("/disk/a/b.txt"), "/srv/site/disk");
  assert.equal(at("/disks/a"), undefined);
  assert.equal(at(""), undefined);
  assert.equal(table.locate("/srv/site/disk/deep", "/a")?.type, "nfs4");
  assert.equal(table.locate("", "/srv/site/disk")?.type, "nfs4");
  assert.deepEqual([...table.namesIn("/srv/site").keys()], ["disk"]);
  assert.deepEqual([...table.namesIn("/srv").keys()], []);
});

test("links are followed to a slow mount, out of it and round in circles, and only fast folders are touched", (t) => {
  const root = makeTempFolder(t);
  writeTree(root, { "a.txt": "a", "folder/": { "b.txt": "b" } });
  mkdirSync(join(root, "disk"));
  symlinkSync("disk", join(root, "by-name"));
  symlinkSync(join(root, "disk"), join(root, "absolute"));
  symlinkSync("../disk/x", join(root, "folder", "up"));
  symlinkSync("folder", join(root, "inner"));
  symlinkSync("circle", join(root, "circle"));
  symlinkSync("absent", join(root, "dangling"));
  const table = tableOf([join(root, "disk"), "fuse"]);
  const isSlow = (path: string) => table.locate(root, path) !== undefined;
  for (const path of [
    "/by-name",
    "/absolute/x",
    "/folder/up",
    "/inner/up",
    "/inner/../by-name/y",
  ]) {
    assert.ok(isSlow(path), path);
  }
  for (const path of [
    "/a.txt",
    "/folder/b.txt",
    "/inner/b.txt",
    "/circle",
    "/dangling/x",
    "/absent",
  ]) {
    assert.ok(!isSlow(path), path);
  }
});

test("mounts that come and go are seen a quarter of a second later, and an unchanged table is parsed once", () => {
  let [text, nowMs] = ["", 0] as [string | undefined, number];
  const table = new MountTable({ readMounts: () => text, monotonicMs: () => nowMs });
  assert.equal(table.hasSlow, false);
  text = line("/srv/disk", "nfs4");
  nowMs = 200;
  assert.equal(table.hasSlow, false);
  nowMs = 250;
  assert.equal(table.hasSlow, true);
  const before = table.locate("/srv/disk", "");
  nowMs = 600;
  assert.equal(table.locate("/srv/disk", ""), before);
  text = undefined;
  nowMs = 900;
  assert.equal(table.hasSlow, false);
});

test("the table of this machine can be read", { skip: process.platform !== "linux" }, () => {
  assert.match(readMountInfo() ?? "", / - \S+ /);
});
