-- Shared by scripts whose change is told in the audit. The caller has made its entry, which hangs
-- on the head of the chain and on the revision: where either has moved, it has to make another.
-- KEYS 4 audit, 5 its head, 6 start of the events of a request
-- ARGV 3 the head that the entry follows, '' for none, 4 the new head, 5 its number, 6 the entry,
-- 7 its mark, 8 the revision that the entry names, 9 the mark of the ledger's entry, '' for none

local function moved()
  local head, revision = redis.call('GET', KEYS[5]) or '', redis.call('GET', KEYS[2]) or '0'
  local expected = tonumber(revision) + (ARGV[9] ~= '' and 1 or 0)
  -- The head is believed only where the entries say the same.
  local last = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', 1)
  local ends = last[1] and last[1][1] or '0-0'
  -- So many there must be: none was cut out in between.
  local before, length = tonumber(ARGV[5]) - 1, redis.call('XLEN', KEYS[4])
  local follows = ends == string.format('%d-0', before) and length == before
  if follows and head == ARGV[3] and expected == tonumber(ARGV[8]) then return nil end
  return {'moved', head, revision, last, length}
end

-- Tells the audit, and the ledger where the change raises the revision. Must be the first write of
-- a script: when it fails (out of memory, disk full), nothing else has happened yet, and scripts do
-- not roll back. Who has told answers 'ok', and nobody else: the caller hangs its next entry on this.
local function tell(kind, id, ...)
  redis.call('XADD', KEYS[4], ARGV[5] .. '-0', 'entry', ARGV[6], 'mark', ARGV[7])
  redis.call('SET', KEYS[5], ARGV[4])
  for _, about in ipairs({...}) do redis.call('RPUSH', KEYS[6] .. about, ARGV[5]) end
  if ARGV[9] ~= '' then
    redis.call('XADD', KEYS[3], ARGV[8] .. '-0',
      'kind', kind, 'id', id, 'epoch', EPOCH, 'mark', ARGV[9])
    redis.call('SET', KEYS[2], ARGV[8])
  end
  return ARGV[8]
end
