-- Keeps a filing: enforced from here on, or one that waits. Of proposals there is one for each
-- subject, and only so many of them.
-- KEYS 7 request, 8 start of request keys, 9 index, 10 due dates, 11 open, 12 submissions,
-- 13 requests about the subject
-- ARGV 10 id, 11 version, 12 status, 13 '1' where every gateway has to acknowledge it, 14 regulation,
-- 15 received_time, 16 expected_completion_time, 17 provisional, 18 sealed filing, 19 sealed rule,
-- 20 sealed case, 21 keyed hash of subject_request_id or '', 22 keyed hash of the content,
-- 23 how many proposals may wait, '' where this is none, 24 what the ledger calls it
local refused = refusal()
if refused then return refused end
local function known(id) return {'known', id, redis.call('HGETALL', KEYS[8] .. id)} end
if ARGV[21] ~= '' then
  local before = redis.call('HGET', KEYS[12], ARGV[21])
  if before then
    local content, id = string.match(before, '^(%x+) (.+)$')
    if content ~= ARGV[22] then return {'conflict'} end
    return known(id)
  end
end
if ARGV[23] ~= '' then
  for _, id in ipairs(redis.call('SMEMBERS', KEYS[13])) do
    local status = redis.call('HGET', KEYS[8] .. id, 'status')
    if UNANSWERED[status] or status == 'completed' then return known(id) end
  end
  if redis.call('ZCARD', KEYS[9] .. ':pending:') >= tonumber(ARGV[23]) then return {'full'} end
end
if redis.call('EXISTS', KEYS[7]) == 1 then return {'taken'} end
local stale = moved()
if stale then return stale end
local id = ARGV[10]
local revision = tell(ARGV[24], id, id)
redis.call('HSET', KEYS[7], 'version', ARGV[11], 'revision', revision, 'status', ARGV[12],
  'regulation', ARGV[14], 'received_time', ARGV[15], 'expected_completion_time', ARGV[16],
  'provisional', ARGV[17], 'filing', ARGV[18], 'rule', ARGV[19], 'case', ARGV[20])
place(KEYS[9], KEYS[10], id, revision, ARGV[12], ARGV[14], ARGV[16])
if ARGV[13] == '1' then redis.call('ZADD', KEYS[11], revision, id) end
if ARGV[21] ~= '' then redis.call('HSET', KEYS[12], ARGV[21], ARGV[22] .. ' ' .. id) end
redis.call('SADD', KEYS[13], id)
return {'ok', revision}
