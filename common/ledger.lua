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
local FEED = 10000        -- calls that the feed keeps, about

-- Numbers become text slowly here; versions and the like are small and come again and again.
local small = {}
local function text(number)
  local known = small[number]
  if known then return known end
  known = string.format('%d', number)
  if number < 1000 then small[number] = known end
  return known
end

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
  each(w.sadd, 'SADD')
  each(w.rpush, 'RPUSH')
  each(w.zrem, 'ZREM')
  each(w.zadd, 'ZADD')
  each(w.hdel, 'HDEL')
  if #w.feed > 0 then
    index('XADD', w.feed_key, 'MAXLEN', '~', FEED, '*', 'c', table.concat(w.feed, '\n'))
  end
end

-- Version, time and serial in front of an entry, as msgpack; the time of a batch is packed once.
local function head(w, version, time, serial)
  local packed = time == w.legal and w.legal_packed or cmsgpack.pack(time)
  local first = version < 128 and string.char(version) or cmsgpack.pack(version)
  return first .. packed .. (serial < 128 and string.char(serial) or cmsgpack.pack(serial))
end

-- What a batch has collected. KEYS of register and change begin alike: meta lease alarm feed.
local function writes(keys, legal, legal_text)
  return {sadd = {}, rpush = {}, zadd = {}, zrem = {}, hdel = {}, feed = {}, bodies = {},
    serial = {}, fresh = {}, owners = {}, feed_key = keys[4], legal = legal,
    legal_text = legal_text, legal_packed = cmsgpack.pack(legal),
    base = string.sub(keys[1], 1, -5)} -- '{p00}' of '{p00}meta'
end

-- The key of an owner's open cases, made once a batch.
local function owner_key(w, unit)
  local key = w.owners[unit]
  if not key then
    key = w.base .. 'o:' .. unit
    w.owners[unit] = key
  end
  return key
end

-- The invariants that hold after every change, whatever the action; nil when they do.
local function broken(action, from, s, owner_before, u, o, n)
  if from and not action.from[from] then return 'state' end
  if not action.to[s or ''] then return 'state' end
  if not u or u == '' or not o or o == '' then return 'owner' end
  if owner_before and u ~= owner_before and not action.owner then return 'owner' end
  local alarm = tonumber(n)
  if LIVE[s] and not (alarm and alarm > 0) then return 'alarm' end
  if not LIVE[s] and n and n ~= '' then return 'alarm' end
  return nil
end

-- register: KEYS meta lease alarm feed days, then per case: record body journal serials owner
-- ARGV profile legal_ms lease_ms key_life_ms, then per case: id body entry
-- Answers per case: status, serial, day, received_ms. 'done', 'repeated', 'conflict', 'expired' (the
-- same key, but longer ago than keys live: it is a new petition and wants a new id), or why not.
--
-- The id is a hash of desk and key, so a repeat finds the record of the first. nil: there is none.
local function register_again(record, journal, e, legal, life)
  local fingerprint
  for i = 1, #e[5], 2 do
    if e[5][i] == 'F' then fingerprint = e[5][i + 1] end
  end
  local r = redis.call('HMGET', record, 'F', 'q', 'i', 'y', 'r')
  if not r[4] then return nil end
  local _, _, registered = cmsgpack.unpack_limit(redis.call('LINDEX', journal, 0), 2, 0)
  if legal - registered > life then return 'expired', 0, '', '' end
  if r[1] ~= fingerprint then return 'conflict', 0, '', '' end
  local mine = string.sub(r[2], 1, OP) == e[3]
  return mine and 'done' or 'repeated', tonumber(r[3]), r[4], r[5]
end

local function register_one(w, keys, b, id, body, entry, look)
  local record, journal, serials, owner = keys[b + 1], keys[b + 3], keys[b + 4], keys[b + 5]
  local e = cmsgpack.unpack(entry)
  local action, patch = ACTIONS['register'], e[5]
  if e[1] ~= 'register' or #id ~= 16 or #e[3] ~= OP or #patch % 2 ~= 0 then
    return 'entry', 0, '', ''
  end
  if look or w.fresh[record] then
    local status, first, day, received = register_again(record, journal, e, w.legal, w.life)
    if status then return status, first, day, received end
  end
  local allowed, s, u, o, n, d, y, r = action.fields
  for i = 1, #patch, 2 do
    local name, value = patch[i], patch[i + 1]
    if not allowed[name] or type(value) ~= 'string' then return 'field ' .. name, 0, '', '' end
    if name == 's' then s = value elseif name == 'u' then u = value elseif name == 'o' then o = value
    elseif name == 'n' then n = value elseif name == 'd' then d = value elseif name == 'y' then y = value
    elseif name == 'r' then r = value end
  end
  local wrong = broken(action, nil, s, nil, u, o, n)
  if wrong then return wrong, 0, '', '' end
  if not d or not y or #y ~= 6 or not r or owner ~= owner_key(w, u)
    or serials ~= w.base .. 's:' .. d .. ':' .. y then
    return 'keys', 0, '', ''
  end
  local serial = (w.serial[serials] or redis.call('LLEN', serials)) + 1
  local size = #patch
  patch[size + 1], patch[size + 2] = 'i', text(serial)
  patch[size + 3], patch[size + 4] = 'v', '1'
  patch[size + 5], patch[size + 6] = 'm', w.legal_text
  patch[size + 7], patch[size + 8] = 'q', e[3]
  redis.call('RPUSH', journal, head(w, 1, w.legal, serial) .. entry)
  redis.call('HSET', record, unpack(patch))
  w.serial[serials], w.fresh[record] = serial, true
  if serial == 1 then add(w.sadd, keys[5], serials) end
  add(w.rpush, serials, id)
  add(w.zadd, keys[2], w.lease_due, id)
  add(w.zadd, keys[3], n, id)
  add(w.zadd, owner, n, id)
  w.bodies[#w.bodies + 1] = keys[b + 2]
  w.bodies[#w.bodies + 1] = body
  w.feed[#w.feed + 1] = id .. ' 1 - ' .. u
  return 'done', serial, y, r
end

local function register(keys, args)
  local legal, now = tonumber(args[2]), now_ms()
  local bad = trouble(keys[1], args[1], legal, now)
  if bad then return redis.error_reply('REFUSED ' .. bad) end
  local count, records = (#keys - 5) / 5, {}
  if count ~= math.floor(count) or count * 3 + 4 ~= #args or count < 1 then
    return redis.error_reply('REFUSED count')
  end
  for i = 1, count do records[i] = keys[1 + i * 5] end
  local look = redis.call('EXISTS', unpack(records)) > 0
  local w, answers = writes(keys, legal, args[2]), {}
  w.lease_due, w.life = text(now + tonumber(args[3])), tonumber(args[4])
  for i = 1, count do
    local a = 1 + i * 3
    local ok, status, serial, day, received =
      pcall(register_one, w, keys, i * 5, args[a + 1], args[a + 2], args[a + 3], look)
    local j = #answers
    if not ok then status, serial, day, received = 'error', 0, '', '' end
    answers[j + 1], answers[j + 2], answers[j + 3], answers[j + 4] = status, serial, day, received
  end
  if #w.bodies > 0 then redis.call('MSET', unpack(w.bodies)) end
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

local function among(q, op)
  for at = 1, #q, OP do
    if string.sub(q, at, at + OP - 1) == op then return true end
  end
  return false
end

-- A value of '' removes its field: then what is set and what goes are told apart.
local function parted(patch)
  local set, del = {}, {}
  for i = 1, #patch, 2 do
    if patch[i + 1] == '' then
      del[#del + 1] = patch[i]
    else
      set[#set + 1] = patch[i]
      set[#set + 1] = patch[i + 1]
    end
  end
  return set, del
end

-- change: KEYS meta lease alarm feed tries, then per case: record journal owner-before owner-after
-- ARGV profile legal_ms, then per case: id version entry
-- Answers per case: status, version. 'done', 'repeated', 'stale', 'gone', or the broken rule.
local function change_one(w, keys, b, id, expected, entry)
  local record, journal, owner_before, owner_after =
    keys[b + 1], keys[b + 2], keys[b + 3], keys[b + 4]
  local e = cmsgpack.unpack(entry)
  local action, patch = ACTIONS[e[1]], e[5]
  if not action or e[1] == 'register' then return 'action', 0 end
  if #e[3] ~= OP or #patch % 2 ~= 0 then return 'entry', 0 end
  if action.person and (e[2] == '' or string.find(e[2], '^machine')) then return 'person', 0 end
  local r = redis.call('HMGET', record, 'v', 's', 'u', 'o', 'n', 'm', 'q')
  if not r[1] then return 'gone', 0 end
  local version, q = tonumber(r[1]), r[7] or ''
  if among(q, e[3]) then return 'repeated', version end
  if r[1] ~= expected then
    local earlier = done_before(journal, e[3])
    return earlier and 'repeated' or 'stale', earlier or version
  end
  local allowed, s, u, o, n, empty = action.fields, r[2], r[3], r[4], r[5], false
  for i = 1, #patch, 2 do
    local name, value = patch[i], patch[i + 1]
    if not allowed[name] or type(value) ~= 'string' then return 'field ' .. name, version end
    if name == 's' then s = value elseif name == 'u' then u = value elseif name == 'o' then o = value
    elseif name == 'n' then n = value end
    empty = empty or value == ''
  end
  local wrong = broken(action, r[2], s, r[3], u, o, n)
  if wrong then return wrong, version end
  if owner_before ~= owner_key(w, r[3]) or owner_after ~= owner_key(w, u) then
    return 'keys', version
  end
  local last = tonumber(r[6])
  local time, time_text = w.legal, w.legal_text
  if last > time then time, time_text = last, r[6] end
  local set, del = patch, {}
  if empty then set, del = parted(patch) end
  local size = #set
  set[size + 1], set[size + 2] = 'v', text(version + 1)
  set[size + 3], set[size + 4] = 'm', time_text
  set[size + 5], set[size + 6] = 'q', string.sub(q .. e[3], -OPS * OP)
  redis.call('RPUSH', journal, head(w, version + 1, time, 0) .. entry)
  redis.call('HSET', record, unpack(set))
  if #del > 0 then redis.call('HDEL', record, unpack(del)) end
  if r[2] == 'received' then
    add(w.zrem, keys[2], id)
    add(w.hdel, keys[5], id)
  end
  if owner_before ~= owner_after or not LIVE[s] then add(w.zrem, owner_before, id) end
  if LIVE[s] then
    add(w.zadd, keys[3], n, id)
    add(w.zadd, owner_after, n, id)
  else
    add(w.zrem, keys[3], id)
  end
  w.feed[#w.feed + 1] = id .. ' ' .. text(version + 1) .. ' ' .. r[3] .. ' ' .. u
  return 'done', version + 1
end

local function change(keys, args)
  local legal = tonumber(args[2])
  local bad = trouble(keys[1], args[1], legal, now_ms())
  if bad then return redis.error_reply('REFUSED ' .. bad) end
  local count = (#keys - 5) / 4
  if count ~= math.floor(count) or count * 3 + 2 ~= #args then
    return redis.error_reply('REFUSED count')
  end
  local w, answers = writes(keys, legal, args[2]), {}
  for i = 1, count do
    local b, a = 1 + i * 4, i * 3 - 1
    local ok, status, version =
      pcall(change_one, w, keys, b, args[a + 1], args[a + 2], args[a + 3])
    answers[i * 2 - 1] = ok and status or 'error'
    answers[i * 2] = ok and version or 0
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
  local tries, again, due = redis.call('HMGET', keys[2], unpack(ids)), {}, text(now + args[2])
  for i, id in ipairs(ids) do
    again[#again + 1] = due
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
