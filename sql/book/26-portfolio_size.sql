-- How many accounts does each person look after, and how important are they?

CREATE FUNCTION portfolio_account(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  account_id bigint, owner_id bigint, day date, priority text,
  client boolean, former boolean, must_keep boolean, must_grow boolean, high_value boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT span.today, span.until - 1 AS day
    FROM report_span(portfolio_account.as_of, portfolio_account.during, portfolio_account.options) AS span
  )
  SELECT a.account_id, owner.person_id, chosen.day, standing.priority,
    now_is.client, now_is.former, standing.must_keep, standing.must_grow, standing.high_value
  FROM chosen
  CROSS JOIN account AS a
  CROSS JOIN LATERAL (
    SELECT coalesce(a.client_since <= chosen.day, false) AND (a.client_until <= chosen.day) IS NOT TRUE,
      coalesce(a.client_until <= chosen.day, false)
  ) AS now_is (client, former)
  LEFT JOIN account_owner AS owner ON owner.account_id = a.account_id AND owner.during @> chosen.day
  LEFT JOIN account_standing AS standing ON standing.account_id = a.account_id AND standing.during @> chosen.day
  -- an account first met later is not there yet
  WHERE (least(a.prospect_since, a.client_since) > chosen.day) IS NOT TRUE
    AND (portfolio_account.person IS NULL
      OR owner.person_id IN (
        SELECT r.person_id
        FROM chosen AS today
        CROSS JOIN LATERAL report_on(portfolio_account.person, today.today) AS r));
END;
COMMENT ON FUNCTION portfolio_account(timestamptz, text, daterange, jsonb) IS
'The accounts that were known on the last of the days during, by default on that of as_of, with owner and standing on that day; options as settings() gives them';

CREATE FUNCTION portfolio_size(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, day date, priority text,
  accounts int8, clients int8, prospects int8, former_clients int8,
  must_keep int8, must_grow int8, high_value int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT who.code, who.name, a.day, a.priority, count(*),
    count(*) FILTER (WHERE a.client),
    count(*) FILTER (WHERE NOT a.client AND NOT a.former),
    count(*) FILTER (WHERE a.former),
    count(*) FILTER (WHERE a.must_keep),
    count(*) FILTER (WHERE a.must_grow),
    count(*) FILTER (WHERE a.high_value)
  FROM settings(portfolio_size.options, portfolio_size.as_of) AS given (options)
  CROSS JOIN LATERAL portfolio_account(portfolio_size.as_of, portfolio_size.person, portfolio_size.during, given.options) AS a
  LEFT JOIN person AS who ON who.person_id = a.owner_id
  GROUP BY who.code, who.name, a.day, a.priority
  ORDER BY who.code, a.priority;
END;
COMMENT ON FUNCTION portfolio_size(timestamptz, text, daterange, jsonb) IS
'The accounts each person owns, by priority, on the last of the days during, by default on that of as_of';

CREATE VIEW portfolio_size WITH (security_invoker) AS
SELECT person, person_name, day, priority, accounts, clients, prospects, former_clients, must_keep, must_grow, high_value
FROM portfolio_size();
COMMENT ON VIEW portfolio_size IS 'How many accounts does each person look after, of what importance, and how many of them are clients?';
COMMENT ON COLUMN portfolio_size.person IS 'Code of the owner; empty for accounts that nobody owns';
COMMENT ON COLUMN portfolio_size.person_name IS 'Name of the owner';
COMMENT ON COLUMN portfolio_size.day IS 'Day the figures are of';
COMMENT ON COLUMN portfolio_size.priority IS 'Priority of the accounts, A the highest; empty for those without a standing';
COMMENT ON COLUMN portfolio_size.accounts IS 'clients + prospects + former_clients';
COMMENT ON COLUMN portfolio_size.clients IS 'Accounts that are clients on the day';
COMMENT ON COLUMN portfolio_size.prospects IS 'Accounts that have not been clients yet';
COMMENT ON COLUMN portfolio_size.former_clients IS 'Accounts that have stopped being clients';
COMMENT ON COLUMN portfolio_size.must_keep IS 'Accounts that must not be lost';
COMMENT ON COLUMN portfolio_size.must_grow IS 'Accounts that must buy more';
COMMENT ON COLUMN portfolio_size.high_value IS 'Accounts of high value';
