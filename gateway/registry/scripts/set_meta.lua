-- Sets meta data, if they are still proved by the value that the caller has read.
-- ARGV 10 kind of the ledger's entry, '' for none, 11 the proof as read, 12 and on: names and values
local refused = refusal()
if refused then return refused end
if redis.call('HGET', KEYS[1], 'proof') ~= ARGV[11] then return {'conflict'} end
local stale = moved()
if stale then return stale end
local revision = tell(ARGV[10], '')
redis.call('HSET', KEYS[1], unpack(ARGV, 12))
return {'ok', revision}
