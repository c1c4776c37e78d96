-- Keeps a note on a request. KEYS 7 request, 8 notes; ARGV 10 id, 11 sealed note, 12 how many
local refused = refusal()
if refused then return refused end
if redis.call('EXISTS', KEYS[7]) == 0 then return {'absent'} end
if redis.call('LLEN', KEYS[8]) >= tonumber(ARGV[12]) then return {'full'} end
local stale = moved()
if stale then return stale end
tell('', '', ARGV[10])
redis.call('RPUSH', KEYS[8], ARGV[11])
return {'ok', ARGV[8]}
