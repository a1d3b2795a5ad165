// Go's HTTP client: many goroutines over its pool of kept connections, gzip that it asks for and unpacks
// by itself, ranges, and a connection that was closed while it lay idle.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireProgram } from "../fixtures/system-program.ts";
import { makeTempFolder } from "../fixtures/temp-folder.ts";
import { startWeir } from "../fixtures/weir-process.ts";
import { runClient } from "./run-client.ts";
import { LARGE_BYTES, makeLarge, writeSampleTree } from "./sample-tree.ts";

const PROGRAM = `package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

func check(ok bool, what ...any) {
	if !ok {
		fmt.Fprintln(os.Stderr, what...)
		os.Exit(1)
	}
}

func get(url string, fields ...string) (*http.Response, []byte) {
	request, err := http.NewRequest("GET", url, nil)
	check(err == nil, err)
	for i := 0; i < len(fields); i += 2 {
		request.Header.Set(fields[i], fields[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	check(err == nil, url, err)
	body, err := io.ReadAll(response.Body)
	check(err == nil, url, err)
	response.Body.Close()
	return response, body
}

func main() {
	base := os.Args[1]
	large, err := os.ReadFile(os.Args[2])
	check(err == nil, err)
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 16
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 25; j++ {
				response, body := get(base + "/a.txt")
				check(response.StatusCode == 200 && string(body) == "a\\n", response.Status, body)
			}
			_, body := get(base + "/large.bin")
			check(bytes.Equal(body, large), "another body")
		}()
	}
	group.Wait()
	response, first := get(base+"/large.bin", "Range", "bytes=0-1234567")
	check(response.StatusCode == 206, response.Status)
	response, rest := get(base+"/large.bin", "Range", "bytes=1234568-", "If-Range", response.Header.Get("ETag"))
	check(response.StatusCode == 206 && bytes.Equal(append(first, rest...), large), response.Status)
	response, text := get(base + "/long.txt")
	check(response.Uncompressed, "not compressed")
	check(bytes.Equal(text, bytes.Repeat([]byte("weir "), 20000)), "another text")
	response, _ = get(base + "/docs")
	check(response.StatusCode == 200 && response.Request.URL.Path == "/docs/", response.Request.URL)
	// Longer than a connection may lie idle: the client has to notice, or to ask again.
	time.Sleep(1500 * time.Millisecond)
	for i := 0; i < 16; i++ {
		response, _ = get(base + "/a.txt")
		check(response.StatusCode == 200, response.Status)
	}
	fmt.Println("done")
}
`;

test("net/http: 16 goroutines, gzip, ranges, a redirect, connections closed meanwhile", async (t) => {
  const go = requireProgram(t, "go", "golang-go");
  if (go === undefined) return;
  const dir = makeTempFolder(t);
  const folder = makeTempFolder(t);
  writeSampleTree(dir);
  writeFileSync(join(dir, "long.txt"), "weir ".repeat(20_000));
  writeFileSync(join(folder, "large.bin"), makeLarge());
  assert.equal(makeLarge().length, LARGE_BYTES);
  writeFileSync(join(folder, "client.go"), PROGRAM);
  const weir = await startWeir(t, { dir, args: ["--rate", "off", "--idle-timeout", "1s"] });
  const env = { GO111MODULE: "off", GOTOOLCHAIN: "local", GOFLAGS: "", NO_PROXY: "*" };
  const args = ["run", "client.go", weir.url, "large.bin"];
  assert.equal((await runClient(go, args, folder, env)).toString(), "done\n");
});
