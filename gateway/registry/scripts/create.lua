-- Creates the meta data of an empty store, once; returns what stands there.
-- KEYS 1 meta, 2 revision, 3 ledger; ARGV 1 schema, 2 epoch, 3 value that proves the data key,
-- 4 the sealed revision after which the ledger's entries are marked, 5 the sealed keyring.
if redis.call('EXISTS', KEYS[1]) == 0 then
  if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then return {'headless'} end
  redis.call('HSET', KEYS[1], 'schema', ARGV[1], 'epoch', ARGV[2], 'proof', ARGV[3],
    'unmarked', ARGV[4], 'keyring', ARGV[5])
end
return {'ok', redis.call('HGETALL', KEYS[1])}
