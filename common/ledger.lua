#!lua name=daumoi_1
-- The ledger: the only code that writes a case. Format 1.
--
-- Promises kept here: one owner at every version (1); every live case has a next alarm (3); a
-- receipt is complete or absent (4); every change is one journal entry, and the record is the fold
-- of the entries (8).
--
-- Redis functions do not roll back. So each case of a batch is checked completely, then written,
-- under a guard of its own, and gets an answer of its own. All keys are declared by the caller.
-- Legal time is an argument; leases use the server's own time.
--
-- An entry comes from the caller as msgpack {action, actor, operation, why, {field, value, ...}};
-- a value of '' removes the field. In the journal it follows the three numbers version, time,
-- serial (0 but for the first entry).

--@TABLE

local FORMAT = '1'
local HASH = '@HASH'
local DRIFT_MS = 5000     -- legal time may differ so much from the server's
local OPS = 4             -- operation ids kept in the record
local OP = 16             -- characters of an operation id
local FEED = 100000       -- entries that the feed keeps, about

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Why the whole call cannot be done, or nil.
local function trouble(meta, profile, legal, now)
  local m = redis.call('HMGET', meta, 'format', 'profile', 'virtual')
  if m[1] ~= FORMAT then return 'no-data-set' end
  if m[2] ~= profile then return 'profile' end
  if not legal then return 'time' end
  if m[3] ~= '1' and math.abs(legal - now) > DRIFT_MS then return 'time' end
  return nil
end

-- Lists of arguments by key, written with one command each at the end of a batch.
local function add(lists, key, a, b)
  local list = lists[key]
  if not list then list = {}; lists[key] = list end
  list[#list + 1] = a
  if b then list[#list + 1] = b end
end

-- The cases are written already: an index that cannot be (a key of a wrong type) must not cost the
-- others theirs. `verify` finds what it lacks.
local function index(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) == 'table' and answer.err then
    redis.log(redis.LOG_WARNING, command .. ' ' .. key .. ': ' .. answer.err)
  end
end

local function each(lists, command)
  for key, list in pairs(lists) do index(command, key, unpack(list)) end
end

local function flush(w)
  each(w.zrem, 'ZREM')
  each(w.zadd, 'ZADD')
  each(w.hdel, 'HDEL')
  if #w.feed > 0 then
    index('XADD', w.feed_key, 'MAXLEN', '~', FEED, '*', 'c', table.concat(w.feed, '\n'))
  end
end

local function writes(feed_key)
  return {zadd = {}, zrem = {}, hdel = {}, feed = {}, feed_key = feed_key}
end

-- ['d','tcd-tinh',...] -> {d='tcd-tinh'}; nil when a field is not of this action.
local function fields(patch, allowed)
  local map = {}
  if type(patch) ~= 'table' or #patch % 2 ~= 0 then return nil end
  for i = 1, #patch, 2 do
    local name, value = patch[i], patch[i + 1]
    if type(name) ~= 'string' or #name ~= 1 or not string.find(allowed, name, 1, true) then
      return nil, tostring(name)
    end
    if type(value) ~= 'string' then return nil, name end
    map[name] = value
  end
  return map
end

-- The invariants that hold after every change, whatever the action.
local function check(action, before, after)
  if not action.from[before.s] and before.s then return 'state' end
  if not action.to[after.s] then return 'state' end
  if not after.u or after.u == '' then return 'owner' end
  if not after.o or after.o == '' then return 'owner' end
  if before.u and after.u ~= before.u and not action.owner then return 'owner' end
  local alarm = tonumber(after.n)
  if LIVE[after.s] and not (alarm and alarm > 0) then return 'alarm' end
  if not LIVE[after.s] and after.n and after.n ~= '' then return 'alarm' end
  return nil
end

local function overlay(before, patch)
  local after = {}
  for k, v in pairs(before) do after[k] = v end
  for k, v in pairs(patch) do after[k] = v end
  return after
end

-- register: KEYS meta lease alarm feed days, then per case: record body journal serials key owner
-- ARGV profile legal_ms lease_ms key_ttl_s, then per case: id fingerprint body entry
-- Answers per case: status, serial, id, day. 'done', 'repeated', 'conflict', or why not.
local function register_one(w, k, id, fingerprint, body, entry, known, legal, base)
  if known then
    if string.sub(known, 17, 24) ~= fingerprint then return {'conflict', 0, '', ''} end
    local first = string.sub(known, 1, 16)
    local status = first == id and 'done' or 'repeated'
    return {status, tonumber(string.sub(known, 31)), first, string.sub(known, 25, 30)}
  end
  local e = cmsgpack.unpack(entry)
  local action = ACTIONS['register']
  if e[1] ~= 'register' or #id ~= 16 or #fingerprint ~= 8 or #e[3] ~= OP then
    return {'entry', 0, '', ''}
  end
  local patch, bad = fields(e[5], action.fields)
  if not patch then return {'field ' .. (bad or ''), 0, '', ''} end
  local wrong = check(action, {}, patch)
  if wrong then return {wrong, 0, '', ''} end
  if #(patch.y or '') ~= 6 or k.owner ~= base .. 'o:' .. patch.u
    or k.serials ~= base .. 's:' .. (patch.d or '') .. ':' .. patch.y then
    return {'keys', 0, '', ''}
  end
  local serial = redis.call('LLEN', k.serials) + 1
  local record = e[5]
  local n = #record
  record[n + 1], record[n + 2] = 'i', serial
  record[n + 3], record[n + 4] = 'v', 1
  record[n + 5], record[n + 6] = 'm', legal
  record[n + 7], record[n + 8] = 'q', e[3]
  redis.call('SET', k.body, body)
  redis.call('RPUSH', k.journal, cmsgpack.pack(1, legal, serial) .. entry)
  redis.call('HSET', k.record, unpack(record))
  redis.call('SET', k.key, id .. fingerprint .. patch.y .. serial, 'EX', k.ttl)
  if serial == 1 then redis.call('SADD', k.days, k.serials) end
  redis.call('RPUSH', k.serials, id) -- last: what is in the register is complete
  add(w.zadd, k.lease, k.lease_due, id)
  add(w.zadd, k.alarm, patch.n, id)
  add(w.zadd, k.owner, patch.n, id)
  w.feed[#w.feed + 1] = id .. ' 1 - ' .. patch.u
  return {'done', serial, id, patch.y}
end

local function register(keys, args)
  local legal, now = tonumber(args[2]), now_ms()
  local bad = trouble(keys[1], args[1], legal, now)
  if bad then return redis.error_reply('REFUSED ' .. bad) end
  local base = string.sub(keys[1], 1, -5) -- '{p00}' of '{p00}meta'
  local lease_due, ttl = now + tonumber(args[3]), args[4]
  local count, names = (#keys - 5) / 6, {}
  if count ~= math.floor(count) or count * 4 + 4 ~= #args then
    return redis.error_reply('REFUSED count')
  end
  for i = 1, count do names[i] = keys[5 + (i - 1) * 6 + 5] end
  local known, fresh = redis.call('MGET', unpack(names)), {}
  local w, answers = writes(keys[4]), {}
  for i = 1, count do
    local b, a = 5 + (i - 1) * 6, 4 + (i - 1) * 4
    local k = {record = keys[b + 1], body = keys[b + 2], journal = keys[b + 3],
      serials = keys[b + 4], key = keys[b + 5], owner = keys[b + 6], lease = keys[2],
      alarm = keys[3], days = keys[5], lease_due = lease_due, ttl = ttl}
    local first = known[i] or fresh[k.key]
    local ok, answer = pcall(register_one, w, k, args[a + 1], args[a + 2], args[a + 3],
      args[a + 4], first, legal, base)
    if not ok then answer = {'error', 0, '', ''} end
    if answer[1] == 'done' and not first then
      fresh[k.key] = answer[3] .. args[a + 2] .. answer[4] .. answer[2]
    end
    for j = 1, 4 do answers[#answers + 1] = answer[j] end
  end
  flush(w)
  return answers
end

-- Was this operation done in an earlier version? The record keeps the last few, the journal all.
local function done_before(journal, op)
  for _, element in ipairs(redis.call('LRANGE', journal, 0, -1)) do
    local _, version, _, _, e = cmsgpack.unpack_limit(element, 4, 0)
    if type(e) == 'table' and e[3] == op then return version end
  end
  return nil
end

-- change: KEYS meta lease tries alarm feed, then per case: record journal owner-before owner-after
-- ARGV profile legal_ms, then per case: id version entry
-- Answers per case: status, version. 'done', 'repeated', 'stale', 'gone', or the broken rule.
local function change_one(w, k, id, expected, entry, legal, base)
  local e = cmsgpack.unpack(entry)
  local action = ACTIONS[e[1]]
  if not action or e[1] == 'register' then return {'action', 0} end
  if #e[3] ~= OP then return {'entry', 0} end
  local r = redis.call('HMGET', k.record, 'v', 's', 'u', 'o', 'n', 'm', 'q')
  local before = {s = r[2], u = r[3], o = r[4], n = r[5]}
  local version, q = tonumber(r[1]), r[7] or ''
  if not version then return {'gone', 0} end
  for at = 1, #q, OP do
    if string.sub(q, at, at + OP - 1) == e[3] then return {'repeated', version} end
  end
  if version ~= tonumber(expected) then
    local earlier = done_before(k.journal, e[3])
    return {earlier and 'repeated' or 'stale', earlier or version}
  end
  local patch, bad = fields(e[5], action.fields)
  if not patch then return {'field ' .. (bad or ''), version} end
  local after = overlay(before, patch)
  local wrong = check(action, before, after)
  if wrong then return {wrong, version} end
  if k.before ~= base .. 'o:' .. before.u or k.after ~= base .. 'o:' .. after.u then
    return {'keys', version}
  end
  local set, del = {}, {}
  for name, value in pairs(patch) do
    if value == '' then
      del[#del + 1] = name
    else
      set[#set + 1] = name
      set[#set + 1] = value
    end
  end
  local time = math.max(legal, tonumber(r[6]))
  local n = #set
  set[n + 1], set[n + 2] = 'v', version + 1
  set[n + 3], set[n + 4] = 'm', time
  set[n + 5], set[n + 6] = 'q', string.sub(q .. e[3], -OPS * OP)
  redis.call('RPUSH', k.journal, cmsgpack.pack(version + 1, time, 0) .. entry)
  redis.call('HSET', k.record, unpack(set))
  if #del > 0 then redis.call('HDEL', k.record, unpack(del)) end
  if before.s == 'received' then
    add(w.zrem, k.lease, id)
    add(w.hdel, k.tries, id)
  end
  if k.before ~= k.after or not LIVE[after.s] then add(w.zrem, k.before, id) end
  if LIVE[after.s] then
    add(w.zadd, k.alarm, after.n, id)
    add(w.zadd, k.after, after.n, id)
  else
    add(w.zrem, k.alarm, id)
  end
  w.feed[#w.feed + 1] = id .. ' ' .. (version + 1) .. ' ' .. before.u .. ' ' .. after.u
  return {'done', version + 1}
end

local function change(keys, args)
  local legal = tonumber(args[2])
  local bad = trouble(keys[1], args[1], legal, now_ms())
  if bad then return redis.error_reply('REFUSED ' .. bad) end
  local base = string.sub(keys[1], 1, -5)
  local count = (#keys - 5) / 4
  if count ~= math.floor(count) or count * 3 + 2 ~= #args then
    return redis.error_reply('REFUSED count')
  end
  local w, answers = writes(keys[5]), {}
  for i = 1, count do
    local b, a = 5 + (i - 1) * 4, 2 + (i - 1) * 3
    local k = {record = keys[b + 1], journal = keys[b + 2], before = keys[b + 3],
      after = keys[b + 4], lease = keys[2], tries = keys[3], alarm = keys[4]}
    local ok, answer = pcall(change_one, w, k, args[a + 1], args[a + 2], args[a + 3], legal, base)
    if not ok then answer = {'error', 0} end
    answers[#answers + 1] = answer[1]
    answers[#answers + 1] = answer[2]
  end
  flush(w)
  return answers
end

-- lease: KEYS lease tries; ARGV limit lease_ms. Takes what is overdue, oldest first, for another
-- lease: two callers never get the same. Answers: overdue in all, then id and tries in turn.
local function lease(keys, args)
  local now = now_ms()
  local answers = {redis.call('ZCOUNT', keys[1], '-inf', now)}
  local ids = redis.call('ZRANGEBYSCORE', keys[1], '-inf', now, 'LIMIT', 0, args[1])
  if #ids == 0 then return answers end
  local tries, again = redis.call('HMGET', keys[2], unpack(ids)), {}
  for i, id in ipairs(ids) do
    again[#again + 1] = now + tonumber(args[2])
    again[#again + 1] = id
    answers[#answers + 1] = id
    answers[#answers + 1] = tonumber(tries[i] or 0)
  end
  redis.call('ZADD', keys[1], 'XX', unpack(again))
  return answers
end

-- tried: KEYS lease tries; ARGV ids. A worker said that it took these offers: one try each, for
-- those that still wait.
local function tried(keys, ids)
  for _, id in ipairs(ids) do
    if redis.call('ZSCORE', keys[1], id) then redis.call('HINCRBY', keys[2], id, 1) end
  end
  return #ids
end

-- beat: KEYS meta registry copies; ARGV ttl_ms copy row (copy '' only asks; row '' leaves).
-- Answers: server time (ms), virtual (0|1), legal clock of a virtual data set, then every row.
local function beat(keys, args)
  local now = now_ms()
  if args[2] ~= '' then
    if args[3] == '' then
      redis.call('ZREM', keys[2], args[2])
      redis.call('HDEL', keys[3], args[2])
    else
      redis.call('ZADD', keys[2], now + tonumber(args[1]), args[2])
      redis.call('HSET', keys[3], args[2], args[3])
    end
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', keys[2], '-inf', now, 'LIMIT', 0, 100)) do
      redis.call('ZREM', keys[2], gone)
      redis.call('HDEL', keys[3], gone)
    end
  end
  local m = redis.call('HMGET', keys[1], 'virtual', 'clock', 'profile', 'partitions')
  local answers = {now, m[1] or '0', m[2] or '0', m[3] or '', m[4] or '0'}
  for _, row in ipairs(redis.call('HVALS', keys[3])) do answers[#answers + 1] = row end
  return answers
end

redis.register_function('dm1_register', register) -- refused when memory is full, alone of all
redis.register_function{function_name = 'dm1_change', callback = change, flags = {'allow-oom'}}
redis.register_function{function_name = 'dm1_lease', callback = lease, flags = {'allow-oom'}}
redis.register_function{function_name = 'dm1_tried', callback = tried, flags = {'allow-oom'}}
redis.register_function{function_name = 'dm1_beat', callback = beat, flags = {'allow-oom'}}
redis.register_function{function_name = 'dm1_version',
  callback = function() return HASH end, flags = {'no-writes', 'allow-oom', 'allow-stale'}}
