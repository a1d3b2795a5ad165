// ffmpeg as a player: it seeks in a film whose index stands at its end, and plays HLS.

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runClient } from "./run-client.ts";
import { serveDownload } from "./served-download.ts";

const QUIET = ["-loglevel", "error", "-y"];

test("ffmpeg shows a picture from the end of a film, and plays what is served in segments", async (t) => {
  const client = await serveDownload(t, "ffmpeg", "ffmpeg");
  if (client === undefined) return;
  const { url, dir, folder, call } = client;
  const film = ["-f", "lavfi", "-i", "testsrc=duration=8:size=320x180:rate=25", "-g", "25"];
  await runClient("ffmpeg", [...QUIET, ...film, "-c:v", "libx264", "film.mp4"], dir);
  mkdirSync(join(dir, "hls"));
  const segments = ["-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod"];
  await runClient("ffmpeg", [...QUIET, "-i", "film.mp4", ...segments, "hls/film.m3u8"], dir);
  await call(...QUIET, "-ss", "6", "-i", `${url}/film.mp4`, "-frames:v", "1", "picture.png");
  assert.ok(statSync(join(folder, "picture.png")).size > 1000);
  await call(...QUIET, "-i", `${url}/hls/film.m3u8`, "-c", "copy", "played.mp4");
  const duration = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
  const seconds = Number(await runClient("ffprobe", [...duration, "played.mp4"], folder));
  assert.ok(Math.abs(seconds - 8) < 0.5, `${seconds} s of 8 s`);
  const statuses = await client.statuses();
  assert.ok(statuses.includes("206"));
  assert.deepEqual(
    statuses.filter((status) => Number(status) >= 400),
    [],
  );
});
