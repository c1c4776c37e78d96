-- Puts values that were sealed anew in the place of the old ones, each if it is still there; tells
-- which were not, counted from 0.
-- KEYS 4 and on: where they are; ARGV from 3 on, four for each: number of its key, field of the hash
-- or index in the list, the first bytes of the old value, which no other one begins with, the new one
local refused = refusal()
if refused then return refused end
local missed = {}
for at = 3, #ARGV, 4 do
  local key, field, before = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
  local list = redis.call('TYPE', key).ok == 'list'
  local found = redis.call(list and 'LINDEX' or 'HGET', key, field) or ''
  if string.sub(found, 1, #before) ~= before then table.insert(missed, (at - 3) / 4)
  else redis.call(list and 'LSET' or 'HSET', key, field, ARGV[at + 3]) end
end
return {'ok', missed}
