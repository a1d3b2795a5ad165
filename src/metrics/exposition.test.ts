import assert from "node:assert/strict";
import { test } from "node:test";
import { formatExposition } from "./exposition.ts";

test("a family is its help, its type and its samples, each on a line", () => {
  const text = formatExposition([
    {
      name: "weir_a_seconds",
      type: "histogram",
      help: "How long.",
      samples: [
        { suffix: "_bucket", labels: { le: "0.1" }, value: 1 },
        { suffix: "_bucket", labels: { le: "+Inf" }, value: 2 },
        { suffix: "_sum", value: 0.25 },
        { suffix: "_count", value: 2 },
      ],
    },
    { name: "weir_b", type: "gauge", help: "B.", samples: [{ value: Number.POSITIVE_INFINITY }] },
  ]);
  assert.equal(
    text,
    `# HELP weir_a_seconds How long.
# TYPE weir_a_seconds histogram
weir_a_seconds_bucket{le="0.1"} 1
weir_a_seconds_bucket{le="+Inf"} 2
weir_a_seconds_sum 0.25
weir_a_seconds_count 2
# HELP weir_b B.
# TYPE weir_b gauge
weir_b +Inf
`,
  );
});

test('no text breaks out of its line or its quotes [a\\b"c<line end>d]', () => {
  const evil = 'a\\b"c\nd';
  const text = formatExposition([
    { name: "x", type: "gauge", help: evil, samples: [{ labels: { l: evil }, value: 1 }] },
  ]);
  assert.equal(text.split("\n").length, 4);
  assert.match(text, /^# HELP x a\\\\b"c\\nd$/m);
  assert.match(text, /^x\{l="a\\\\b\\"c\\nd"\} 1$/m);
});
