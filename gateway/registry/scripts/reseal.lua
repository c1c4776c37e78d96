-- Puts values that were sealed anew in the place of the old ones, each if it is still there; tells
-- which were not, counted from 0.
-- KEYS 4 and on: where they are; ARGV from 3 on, four for each: number of its key, field of the hash
-- or index in the list, '' in a string, the first bytes of the old value, which no other one begins
-- with, the new one
local refused = refusal()
if refused then return refused end
local missed = {}
for at = 3, #ARGV, 4 do
  local key, field, before = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
  local after, kind = ARGV[at + 3], redis.call('TYPE', key).ok
  local found
  if kind == 'string' then found = redis.call('GET', key)
  elseif kind ~= 'none' then found = redis.call(kind == 'list' and 'LINDEX' or 'HGET', key, field) end
  if not found or string.sub(found, 1, #before) ~= before then table.insert(missed, (at - 3) / 4)
  elseif kind == 'string' then redis.call('SET', key, after, 'KEEPTTL')
  else redis.call(kind == 'list' and 'LSET' or 'HSET', key, field, after) end
end
return {'ok', missed}
