-- What wrk sends and how it tells of it. After `--` in its command line:
--   statuses=1   count the status of every answer (costs wrk time, so only during warm-ups)
--   files=N      ask for one of N files at random, named as bench/file-tree.ts does
-- The last line of its output begins with "weir-bench " and is read by bench/wrk-output.ts.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  statuses = {}
  for _, arg in ipairs(args) do
    local name, value = arg:match("^(%w+)=(%d+)$")
    if name == "statuses" then
      response = function(status)
        statuses[status] = (statuses[status] or 0) + 1
      end
    elseif name == "files" then
      local count = tonumber(value)
      request = function()
        local index = math.random(0, count - 1)
        return wrk.format(nil, string.format("/d%d/f%d.txt", math.floor(index / 1000), index))
      end
    end
  end
end

function done(summary, latency)
  local counts = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      table.insert(counts, status .. ":" .. count)
    end
  end
  local errors = summary.errors
  io.write(string.format(
    "weir-bench requests=%d bytes=%d duration_us=%d connect=%d read=%d write=%d timeout=%d " ..
    "above_399=%d statuses=%s\n",
    summary.requests, summary.bytes, summary.duration, errors.connect, errors.read, errors.write,
    errors.timeout, errors.status, table.concat(counts, ",")
  ))
end
