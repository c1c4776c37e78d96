-- The records of some requests, from the first, as many as fit; one at least. Changes nothing.
-- KEYS hashes of requests; ARGV 1 bytes that fit, then the fields of a record
local found, held = {}, 0
for place, key in ipairs(KEYS) do
  local record = redis.call('HMGET', key, unpack(ARGV, 2))
  for _, field in pairs(record) do
    if field then held = held + #field end
  end
  if place > 1 and held > tonumber(ARGV[1]) then break end
  found[place] = record
end
return found
