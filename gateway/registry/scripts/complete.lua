-- Completes requests, if just these are the next that every registered gateway enforces.
-- KEYS 7 gateways, 8 open, 9 start of request keys, 10 index, 11 due dates; ARGV 10 and on: ids
local refused = refusal()
if refused then return refused end
local ids = settled(KEYS[7], KEYS[8])
if table.concat(ids, ' ') ~= table.concat({unpack(ARGV, 10)}, ' ') then return {'others', ids} end
local stale = moved()
if stale then return stale end
tell('', '', unpack(ids))
local time = now()
for _, id in ipairs(ids) do
  local found = redis.call(
    'HMGET', KEYS[9] .. id, 'status', 'regulation', 'expected_completion_time')
  redis.call('HSET', KEYS[9] .. id, 'status', 'completed', 'completed_time', time)
  replace(KEYS[10], KEYS[11], id, found[1], 'completed', found[2], found[3])
  redis.call('ZREM', KEYS[8], id)
end
return {'ok', settled(KEYS[7], KEYS[8])}
