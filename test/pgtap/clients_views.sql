-- The views on clients equal their plain-SQL twins on a random book, for random days and spans.
\ir ../begin.sql
SELECT FROM salesmgmt.create_book('random_book', time_zone => 'America/New_York');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/clients_views.sql

CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
CREATE FUNCTION pg_temp.day(since date, days int) RETURNS date LANGUAGE sql VOLATILE RETURN since + floor(random() * days)::int;
SELECT setseed(0.57) \g /dev/null
SELECT plan(13);

-- 1 leads 2 and 3, who lead the others; most of them change the boss once
INSERT INTO person (code, name) SELECT 'p' || n, 'Person ' || n FROM generate_series(1, 9) AS n;
INSERT INTO reporting_line (person_id, manager_id, during) SELECT n, 1, '[2024-01-01,)' FROM generate_series(2, 3) AS n;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, 2 + (n + part) % 2, CASE part WHEN 1 THEN daterange('2024-01-01', '2025-08-10') ELSE daterange('2025-08-10', '2026-04-01') END
FROM generate_series(4, 8) AS n
CROSS JOIN generate_series(1, 2) AS part;
-- families of two products, and products of none
INSERT INTO product (code, name, family)
VALUES ('l1', 'L1', 'Loans'), ('l2', 'L2', 'Loans'), ('d1', 'D1', 'Deposits'), ('d2', 'D2', 'Deposits'), ('x', 'X', NULL);
INSERT INTO account (code, name, prospect_since, client_since, client_until)
SELECT 'a' || n, 'Account ' || n, CASE WHEN n % 3 = 0 THEN since - 100 END, CASE WHEN n % 8 > 0 THEN since END,
  CASE WHEN n % 8 > 0 AND n % 3 = 1 THEN since + pg_temp.below(500) END
FROM generate_series(1, 70) AS n
CROSS JOIN LATERAL (SELECT pg_temp.day('2024-09-01', 300) + 0 * n AS since) AS s;
INSERT INTO account_owner (account_id, person_id, during)
SELECT n, 2 + pg_temp.below(8), daterange(CASE WHEN n % 5 > 0 THEN date '2024-01-01' END, cut) FROM generate_series(1, 65) AS n
CROSS JOIN LATERAL (SELECT date '2025-02-01' + n * 5 AS cut) AS c
UNION ALL
SELECT n, 2 + pg_temp.below(8), daterange(date '2025-02-01' + n * 5 + n % 3, CASE WHEN n % 7 = 0 THEN date '2026-02-01' END)
FROM generate_series(1, 65) AS n;
INSERT INTO account_standing (account_id, during, priority, high_value)
SELECT n, daterange(CASE part WHEN 1 THEN NULL ELSE cut + n % 2 END, CASE part WHEN 1 THEN cut END),
  substr('ABCD', 1 + pg_temp.below(4), 1), random() < 0.5
FROM generate_series(1, 60) AS n
CROSS JOIN generate_series(1, 2) AS part
CROSS JOIN LATERAL (SELECT date '2025-01-01' + n * 6 AS cut) AS c;
-- cents, zeros and overdrafts, some on the day a client leaves
INSERT INTO balance (account_id, product_id, day, balance)
SELECT account_id, nullif(1 + pg_temp.below(6), 6), day,
  CASE WHEN random() < 0.2 THEN 0 WHEN random() < 0.1 THEN -pg_temp.below(5000) / 100.0 ELSE pg_temp.below(1000000) / 100.0 END
FROM account
CROSS JOIN generate_series(1, 12) AS k
CROSS JOIN LATERAL (
  SELECT CASE WHEN k = 1 AND client_until IS NOT NULL THEN client_until - pg_temp.below(2) ELSE pg_temp.day('2024-10-01', 540) END AS day
) AS d
WHERE account_id % 9 > 0
ON CONFLICT DO NOTHING;

-- sixty random spans, most over before the report, some going on, some on the day something happens
CREATE TEMP TABLE question AS
SELECT n, since, since + length AS until,
  ((since + length + (CASE WHEN n % 4 = 0 THEN -length / 2 ELSE pg_temp.below(40) END))::timestamp
    + random() * interval '1 day') AT TIME ZONE 'America/New_York' AS as_of
FROM generate_series(1, 60) AS n
CROSS JOIN LATERAL (SELECT pg_temp.day('2025-01-01', 400) + 0 * n AS since, 1 + pg_temp.below(300) + 0 * n AS length) AS s;
INSERT INTO question
SELECT 100 + account_id, client_until, client_until + 1, (client_until + 1)::timestamp AT TIME ZONE 'America/New_York'
FROM account WHERE client_until BETWEEN '2025-01-01' AND '2026-03-01'
LIMIT 10;
ANALYZE;

CREATE TEMP TABLE ours AS
SELECT q.n, r.*
FROM question AS q
CROSS JOIN LATERAL retention(q.as_of, during => daterange(q.since, q.until)) AS r;
SELECT bag_eq(
  'SELECT n, person, scope, opening_clients, lost_clients, high_value_clients, high_value_lost, opening_balance, kept_balance, closing_balance FROM ours',
  'SELECT q.n, p.code AS person, r.scope, r.clients, r.lost, r.high, r.high_lost, r.opening, r.kept, r.closing
   FROM question AS q
   CROSS JOIN LATERAL oracle.retention(q.as_of, q.since, q.until) AS r
   LEFT JOIN person AS p ON p.person_id = r.person_id',
  'retention equals its oracle');
SELECT cmp_ok((SELECT count(*) FROM ours), '>=', 500::bigint, 'so many cases');
SELECT bag_eq(
  'SELECT n, person, scope, opening_clients, opening_clients - lost_clients AS kept, closing_balance FROM ours',
  'SELECT q.n, m.person, m.scope, m.opening_clients, m.kept_clients, m.closing_balance
   FROM question AS q
   CROSS JOIN LATERAL retention_acquisition_mix(q.as_of, during => daterange(q.since, q.until)) AS m
   WHERE m.opening_clients > 0',
  'retention_acquisition_mix has the clients and balances of retention');
SELECT is_empty(
  'SELECT * FROM ours
   WHERE attrition_rate IS DISTINCT FROM lost_clients::float8 / opening_clients
     OR high_value_retention_rate IS DISTINCT FROM 1 - high_value_lost::float8 / nullif(high_value_clients, 0)
     OR gross_retention_rate IS DISTINCT FROM CASE WHEN opening_balance > 0 THEN (kept_balance / opening_balance)::float8 END
     OR net_retention_rate IS DISTINCT FROM CASE WHEN opening_balance > 0 THEN (closing_balance / opening_balance)::float8 END
     OR NOT attrition_rate BETWEEN attrition_lower AND attrition_upper
     OR NOT high_value_retention_rate BETWEEN high_value_lower AND high_value_upper
     OR kept_balance > least(opening_balance, closing_balance)',
  'the rates are those of the figures beside them, within their bounds');
SELECT ok((SELECT count(*) FILTER (WHERE high_value_lost > 0) > 20 AND count(*) FILTER (WHERE scope = 'team' AND lost_clients > 0) > 20
    AND count(*) FILTER (WHERE person IS NULL) > 20 FROM ours), 'high-value clients were lost, in teams, and clients nobody owned');

CREATE TEMP TABLE bridge AS
SELECT q.n, p.code AS who, b.*
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p2'), ('p7')) AS p (code)
CROSS JOIN LATERAL balance_bridge(q.as_of, p.code, daterange(q.since, q.until)) AS b;
SELECT is_empty(
  'SELECT * FROM bridge WHERE opening_balance + new_balance + expansion - contraction - lost_balance <> closing_balance
     OR expansion < 0 OR contraction < 0',
  'start + new + expansion - contraction - lost = end, to the cent, for every pair of days');
SELECT bag_eq(
  'SELECT n, who, family, opening_balance, new_balance, expansion, contraction, lost_balance, closing_balance,
     opening_clients, new_clients, lost_clients, closing_clients FROM bridge WHERE n <= 12 OR n > 105',
  'SELECT q.n, p.code AS who, b.*
   FROM question AS q
   CROSS JOIN (VALUES (NULL), (''p2''), (''p7'')) AS p (code)
   CROSS JOIN LATERAL oracle.balance_bridge(q.as_of, (SELECT person_id FROM person WHERE code = p.code), q.since, q.until - 1) AS b
   WHERE q.n <= 12 OR q.n > 105',
  'balance_bridge equals its oracle');
SELECT cmp_ok((SELECT count(*) FROM bridge), '>=', 500::bigint, 'so many rows');
SELECT ok((SELECT bool_or(new_balance <> 0) AND bool_or(lost_balance <> 0) AND bool_or(expansion <> 0)
    AND bool_or(contraction <> 0) AND bool_or(family IS NULL) FROM bridge), 'every part has been seen');
-- The end of a span is the start of the next one.
SELECT is_empty(
  'SELECT q.n, before.family, before.closing_balance, after.opening_balance
   FROM question AS q
   CROSS JOIN LATERAL (SELECT q.since + (q.until - q.since) / 2 AS day) AS middle
   CROSS JOIN LATERAL balance_bridge(''2027-01-01'', during => daterange(q.since, middle.day)) AS before
   CROSS JOIN LATERAL balance_bridge(''2027-01-01'', during => daterange(middle.day, q.until)) AS after
   WHERE after.family IS NOT DISTINCT FROM before.family AND after.opening_balance <> before.closing_balance',
  'a span begins with what the one before ended with');

CREATE TEMP TABLE portfolio AS
SELECT q.n, p.* FROM question AS q CROSS JOIN LATERAL portfolio_size(q.as_of) AS p;
SELECT bag_eq(
  'SELECT n, person, priority, accounts, clients, prospects, former_clients, high_value FROM portfolio',
  'SELECT q.n, p.code AS person, s.priority, s.accounts, s.clients, s.prospects, s.former, s.high_value
   FROM question AS q
   CROSS JOIN LATERAL oracle.portfolio_size(oracle.today(q.as_of)) AS s
   LEFT JOIN person AS p ON p.person_id = s.person_id',
  'portfolio_size equals its oracle');
SELECT cmp_ok((SELECT count(*) FROM portfolio), '>=', 500::bigint, 'so many cases');
SELECT is_empty('SELECT * FROM portfolio WHERE accounts <> clients + prospects + former_clients', 'accounts are clients, prospects or former clients');

SELECT * FROM finish();
ROLLBACK;
