/** A number that grows on this server with each lock that it gives; nothing where it is taken. */
export const LOCK = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
return redis.call('INCR', KEYS[2])`;

/** Only what is one's own: the lease may have run out, and another have the lock. */
export const UNLOCK = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** What the lock protects. Where a token is shown it keeps the largest, and turns away whoever has been overtaken. */
export const USE = `
local token = tonumber(ARGV[1])
if token and token < tonumber(redis.call('GET', KEYS[1]) or 0) then return 0 end
redis.call('SET', KEYS[1], token or 'used')
return 1`;
