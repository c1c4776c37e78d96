-- Tells the audit of something that changes no request. ARGV 10 and on: requests that it is about
local refused = refusal() or moved()
if refused then return refused end
tell('', '', unpack(ARGV, 10))
return {'ok', ARGV[8]}
