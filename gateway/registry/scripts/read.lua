-- The records of some requests, from the first, as many as fit; one at least. Changes nothing.
-- KEYS hashes of requests; ARGV 1 bytes of filings and rules that fit, then fields of a record
local found, held = {}, 0
for place, key in ipairs(KEYS) do
  held = held + redis.call('HSTRLEN', key, 'filing') + redis.call('HSTRLEN', key, 'rule')
  if place > 1 and held > tonumber(ARGV[1]) then break end
  found[place] = redis.call('HMGET', key, unpack(ARGV, 2))
end
return found
