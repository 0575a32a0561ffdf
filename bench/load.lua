-- The requests of a load run, for wrk. From the environment: METHOD, TARGET (path), BODY, BATCH (BODY so often in a
-- JSON list; with WRAP the list stands at @@), HEADERS ("Name: value|Name: value"). In TARGET and BODY `{n}` is a
-- number that no other request has, `{rN}` a random one below N.
local thread = 0
function setup(one) one:set("thread", thread); thread = thread + 1 end

function init(_)
  math.randomseed(os.time() * 16 + thread)
  base = string.format("%d%02d", os.time() % 100000000, thread)
  count = 0
  method = os.getenv("METHOD") or "GET"
  target = os.getenv("TARGET")
  body = os.getenv("BODY")
  batch = tonumber(os.getenv("BATCH") or "0")
  wrap = os.getenv("WRAP")
  headers = {}
  for pair in string.gmatch(os.getenv("HEADERS") or "", "[^|]+") do
    local name, value = pair:match("^([^:]+):%s*(.*)$")
    headers[name] = value
  end
  if body then headers["Content-Type"] = "application/json" end
end

local function fill(text)
  return (text:gsub("{(%a)(%d*)}", function(kind, limit)
    if kind == "n" then
      count = count + 1
      return base .. string.format("%08d", count)
    end
    return tostring(math.random(0, tonumber(limit) - 1))
  end))
end

function request()
  local filled
  if body and batch > 0 then
    local items = {}
    for place = 1, batch do items[place] = fill(body) end
    local list = "[" .. table.concat(items, ",") .. "]"
    filled = wrap and wrap:gsub("@@", function() return list end) or list
  elseif body then
    filled = fill(body)
  end
  return wrk.format(method, target and fill(target) or nil, headers, filled)
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.3f, "p50_ms": %.3f, "p99_ms": %.3f, "bad_status": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
