-- Where a request stands in the indexes: by status and regulation, and while its clock runs by
-- its due date.
local UNANSWERED = {identity_unverified = 1, pending = 1, approved = 1, in_progress = 1}

local function place(index, due, id, position, status, regulation, deadline)
  redis.call('ZADD', index, position, id)
  redis.call('ZADD', index .. '::' .. regulation, position, id)
  redis.call('ZADD', index .. ':' .. status .. ':', position, id)
  redis.call('ZADD', index .. ':' .. status .. ':' .. regulation, position, id)
  for _, name in ipairs({due, due .. ':' .. regulation}) do
    if UNANSWERED[status] then redis.call('ZADD', name, deadline, id)
    else redis.call('ZREM', name, id) end
  end
end

local function replace(index, due, id, status, to, regulation, deadline)
  if status ~= to then
    redis.call('ZREM', index .. ':' .. status .. ':', id)
    redis.call('ZREM', index .. ':' .. status .. ':' .. regulation, id)
  end
  place(index, due, id, redis.call('ZSCORE', index, id), to, regulation, deadline)
end
