-- The views on clients again, in plain SQL: a day, an account, a product at a time.
-- They read the book that search_path names.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.today(as_of timestamptz) RETURNS date
LANGUAGE sql STABLE
AS $$ SELECT (as_of AT TIME ZONE (SELECT value #>> '{}' FROM setting WHERE name = 'time_zone'))::date $$;

CREATE FUNCTION oracle.is_client(account bigint, day date) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT coalesce((SELECT client_since <= day AND coalesce(day < client_until, true) FROM account AS a WHERE a.account_id = account), false)
$$;

-- the last balance noted up to a day, unless the client has left since
CREATE FUNCTION oracle.holds(account bigint, product bigint, day date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  SELECT coalesce((
    SELECT b.balance
    FROM balance b
    WHERE b.account_id = account AND b.product_id IS NOT DISTINCT FROM product
      AND b.day = (
        SELECT max(c.day) FROM balance c
        WHERE c.account_id = account AND c.product_id IS NOT DISTINCT FROM product AND c.day <= holds.day)
      AND NOT EXISTS (
        SELECT FROM account a
        WHERE a.account_id = account AND a.client_until > b.day AND a.client_until <= holds.day)), 0)
$$;

-- all a client holds, of everything ever noted
CREATE FUNCTION oracle.holds_in_all(account bigint, day date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(sum(oracle.holds(account, b.product_id, day)), 0)
  FROM (SELECT DISTINCT product_id FROM balance WHERE account_id = account) AS b
$$;
CREATE FUNCTION oracle.holds_any(account bigint, day date) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (
    SELECT FROM (SELECT DISTINCT product_id FROM balance WHERE account_id = account) AS b
    WHERE oracle.holds(account, b.product_id, day) <> 0)
$$;

CREATE FUNCTION oracle.owner(account bigint, day date) RETURNS bigint
LANGUAGE sql STABLE
AS $$ SELECT person_id FROM account_owner WHERE account_id = account AND during @> day $$;

-- the last owner in the days of a span and its eve
CREATE FUNCTION oracle.last_owner(account bigint, since date, until date) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT o.person_id
  FROM generate_series(since - 1, until - 1, interval '1 day') AS d
  JOIN account_owner AS o ON o.account_id = account AND o.during @> d::date
  ORDER BY d DESC
  LIMIT 1
$$;

\ir leads.sql

CREATE FUNCTION oracle.opening(since date, until date) RETURNS TABLE (
  account_id bigint, owner_id bigint, high_value boolean, lost boolean, opening numeric, closing numeric)
LANGUAGE sql STABLE
AS $$
  SELECT a.account_id,
    coalesce(oracle.owner(a.account_id, since), oracle.owner(a.account_id, since - 1)),
    coalesce(
      (SELECT s.high_value FROM account_standing s WHERE s.account_id = a.account_id AND s.during @> since),
      (SELECT s.high_value FROM account_standing s WHERE s.account_id = a.account_id AND s.during @> since - 1), false),
    NOT oracle.is_client(a.account_id, until - 1),
    oracle.holds_in_all(a.account_id, since - 1), oracle.holds_in_all(a.account_id, until - 1)
  FROM account a
  WHERE oracle.is_client(a.account_id, since - 1)
$$;

-- figures of a set of opening clients
CREATE FUNCTION oracle.retention(as_of timestamptz, since date, until date) RETURNS TABLE (
  person_id bigint, scope text, clients bigint, lost bigint, high bigint, high_lost bigint,
  opening numeric, kept numeric, closing numeric)
LANGUAGE sql STABLE
AS $$
  WITH c AS MATERIALIZED (SELECT * FROM oracle.opening(since, least(until, oracle.today(as_of) + 1))),
  who AS (
    SELECT DISTINCT owner_id AS person_id, 'own' AS scope FROM c
    UNION ALL
    SELECT p.person_id, 'team' FROM person p
    WHERE EXISTS (SELECT FROM reporting_line l WHERE l.manager_id = p.person_id AND l.during @> since)
  )
  SELECT who.person_id, who.scope, count(*), sum(lost::int), sum(high_value::int), sum((high_value AND lost)::int),
    sum(opening), sum(CASE WHEN opening < closing THEN opening ELSE closing END), sum(closing)
  FROM who
  JOIN c ON CASE who.scope WHEN 'own' THEN c.owner_id IS NOT DISTINCT FROM who.person_id
    ELSE oracle.leads(who.person_id, c.owner_id, since) END
  GROUP BY who.person_id, who.scope
$$;

CREATE FUNCTION oracle.balance_bridge(as_of timestamptz, person bigint, since date, last date) RETURNS TABLE (
  family text, opening_balance numeric, new_balance numeric, expansion numeric, contraction numeric, lost_balance numeric,
  closing_balance numeric, opening_clients bigint, new_clients bigint, lost_clients bigint, closing_clients bigint)
LANGUAGE sql STABLE
AS $$
  WITH day AS (SELECT least(last, oracle.today(as_of)) AS until),
  held AS MATERIALIZED (
    SELECT b.account_id, p.family,
      sum(oracle.holds(b.account_id, b.product_id, since - 1)) AS s,
      sum(oracle.holds(b.account_id, b.product_id, day.until)) AS e,
      bool_or(oracle.holds(b.account_id, b.product_id, since - 1) <> 0) AS has_s,
      bool_or(oracle.holds(b.account_id, b.product_id, day.until) <> 0) AS has_e,
      oracle.holds_any(b.account_id, since - 1) AS had, oracle.holds_any(b.account_id, day.until) AS has
    FROM day
    CROSS JOIN (SELECT DISTINCT account_id, product_id FROM balance) AS b
    LEFT JOIN product p ON p.product_id = b.product_id
    WHERE person IS NULL OR oracle.leads(person, oracle.last_owner(b.account_id, since, day.until + 1), oracle.today(as_of))
    GROUP BY b.account_id, p.family, day.until
  )
  SELECT family, sum(s), sum(CASE WHEN has AND NOT had THEN e ELSE 0 END),
    sum(CASE WHEN had AND has THEN greatest(e - s, 0) ELSE 0 END),
    sum(CASE WHEN had AND has THEN greatest(s - e, 0) ELSE 0 END),
    sum(CASE WHEN had AND NOT has THEN s ELSE 0 END), sum(e),
    sum(has_s::int), sum((has_e AND NOT had)::int), sum((has_s AND NOT has)::int), sum(has_e::int)
  FROM held
  WHERE has_s OR has_e
  GROUP BY family
$$;

CREATE FUNCTION oracle.portfolio_size(day date) RETURNS TABLE (
  person_id bigint, priority text, accounts bigint, clients bigint, prospects bigint, former bigint, high_value bigint)
LANGUAGE sql STABLE
AS $$
  WITH each AS (
    SELECT a.account_id, oracle.owner(a.account_id, day) AS owner_id,
      (SELECT s.priority FROM account_standing s WHERE s.account_id = a.account_id AND s.during @> day) AS priority,
      (SELECT s.high_value FROM account_standing s WHERE s.account_id = a.account_id AND s.during @> day) AS high_value,
      oracle.is_client(a.account_id, day) AS client, a.client_until <= day AS gone
    FROM account a
    WHERE a.prospect_since <= day OR a.client_since <= day OR a.prospect_since IS NULL AND a.client_since IS NULL
  )
  SELECT owner_id, priority, count(*), count(*) FILTER (WHERE client), count(*) FILTER (WHERE NOT client AND gone IS NOT TRUE),
    count(*) FILTER (WHERE gone), count(*) FILTER (WHERE high_value)
  FROM each
  GROUP BY owner_id, priority
$$;
