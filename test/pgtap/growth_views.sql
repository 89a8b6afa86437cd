-- The reports on campaigns and growth equal their plain-SQL twins on a random book, for random days and spans.
\ir ../begin.sql
SELECT FROM salesmgmt.create_book('random_book', time_zone => 'America/New_York');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/clients_views.sql
\ir ../oracle/growth_views.sql
SET LOCAL jit = off;
CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
CREATE FUNCTION pg_temp.day(since date, days int) RETURNS date LANGUAGE sql VOLATILE RETURN since + floor(random() * days)::int;
SELECT setseed(0.31) \g /dev/null
SELECT plan(19);

-- 1 leads 2 and 3, who lead the others; some change the boss
INSERT INTO person (code, name) SELECT 'p' || n, 'Person ' || n FROM generate_series(1, 7) AS n;
INSERT INTO reporting_line (person_id, manager_id, during) SELECT n, 1, '[2024-01-01,)' FROM generate_series(2, 3) AS n;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, 2 + (n + part) % 2, CASE part WHEN 1 THEN daterange('2024-01-01', '2025-08-10') ELSE daterange('2025-08-10', NULL) END
FROM generate_series(4, 7) AS n CROSS JOIN generate_series(1, 2) AS part;
INSERT INTO segment (code, name) VALUES ('s1', 'S1'), ('s2', 'S2');
INSERT INTO product (code, name, family, introduced_on)
VALUES ('l1', 'L1', 'Loans', '2020-01-01'), ('l2', 'L2', 'Loans', '2025-03-01'), ('d1', 'D1', 'Deposits', NULL), ('f1', 'F1', 'Funds', '2025-06-01'), ('x', 'X', NULL, NULL);
INSERT INTO account (code, name, segment_id, prospect_since, client_since, client_until)
SELECT 'a' || n, 'Account ' || n, nullif(1 + n % 3, 3), CASE WHEN n % 3 = 0 THEN since - pg_temp.below(200) END, CASE WHEN n % 4 > 0 THEN since END,
  CASE WHEN n % 4 > 0 AND n % 5 = 1 THEN since + pg_temp.below(300) END
FROM generate_series(1, 40) AS n
CROSS JOIN LATERAL (SELECT pg_temp.day('2024-10-01', 400) + 0 * n AS since) AS s;
INSERT INTO account_owner (account_id, person_id, during)
SELECT n, 2 + pg_temp.below(6), daterange(CASE WHEN n % 5 > 0 THEN date '2024-01-01' END, date '2025-02-01' + n * 5) FROM generate_series(1, 36) AS n
UNION ALL
SELECT n, 2 + pg_temp.below(6), daterange(date '2025-02-01' + n * 5 + n % 3, NULL) FROM generate_series(1, 36) AS n;
INSERT INTO booking (code, booked_on, account_id, person_id, product_id, amount)
SELECT 'b' || n, pg_temp.day('2024-09-01', 500), nullif(pg_temp.below(41), 0), nullif(1 + pg_temp.below(8), 8), nullif(1 + pg_temp.below(6), 6),
  CASE WHEN random() < 0.15 THEN -pg_temp.below(50000) / 100.0 ELSE pg_temp.below(200000) / 100.0 END
FROM generate_series(1, 250) AS n;
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT booking_id, 2 + (booking_id % 3) + part, CASE part WHEN 0 THEN 0.3 ELSE 0.7 END
FROM booking CROSS JOIN generate_series(0, 1) AS part
WHERE booking_id % 6 = 0 AND person_id IS NOT NULL;
INSERT INTO balance (account_id, product_id, day, balance)
SELECT 1 + pg_temp.below(40), nullif(1 + pg_temp.below(6), 6), pg_temp.day('2024-09-01', 500), CASE WHEN random() < 0.2 THEN 0 ELSE pg_temp.below(100000) / 100.0 END
FROM generate_series(1, 200) ON CONFLICT DO NOTHING;
INSERT INTO segment_growth (segment_id, during, growth_rate)
SELECT s, daterange(m::date, (m + '2 months')::date), 0.01 * s FROM generate_series(1, 2) AS s CROSS JOIN generate_series('2025-01-01'::timestamp, '2025-11-01', '2 months') AS m;

INSERT INTO pipeline (code, name) VALUES ('p', 'P');
INSERT INTO stage (code, pipeline_id, name, position, outcome) VALUES ('open', 1, 'Open', 1, 'open'), ('won', 1, 'Won', 2, 'won'), ('lost', 1, 'Lost', 3, 'lost');
INSERT INTO activity_kind (code, name) VALUES ('call', 'Call');
INSERT INTO activity (code, activity_kind_id, person_id, account_id, held_at)
SELECT 'call' || n, 1, 2, 1 + pg_temp.below(20), pg_temp.day('2025-01-01', 300) + random() * interval '1 day' FROM generate_series(1, 12) AS n;
INSERT INTO campaign (code, name, kind, person_id, during, cost)
SELECT 'c' || n, 'Campaign ' || n, 'seminar', 2 + n % 5, daterange(d, d + 1 + n), CASE WHEN n % 4 > 0 THEN pg_temp.below(1000) END
FROM generate_series(1, 12) AS n CROSS JOIN LATERAL (SELECT date '2025-01-10' + 27 * n) AS t (d);
-- many answers in one instant, and deals on the very day, in another time zone's night
INSERT INTO opportunity (code, account_id, pipeline_id, created_at)
SELECT 'o' || n, nullif(pg_temp.below(41), 0), 1, pg_temp.day('2025-01-01', 330) + pg_temp.below(8) * interval '3 hours' FROM generate_series(1, 90) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
SELECT opportunity_id, created_at, 1, opportunity_id * 10, 2 + opportunity_id % 6 FROM opportunity
UNION ALL
SELECT opportunity_id, created_at + opportunity_id * interval '1 day', 2 + opportunity_id % 2, 0, 2 + opportunity_id % 6 FROM opportunity WHERE opportunity_id % 3 > 0;
INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at, guests, opportunity_id)
SELECT 1 + pg_temp.below(12), 1 + pg_temp.below(40), (ARRAY['invited', 'registered', 'attended', 'attended', 'declined', 'enquired'])[1 + pg_temp.below(6)],
  pg_temp.day('2025-01-01', 330) + pg_temp.below(8) * interval '3 hours', 1 + pg_temp.below(3), CASE WHEN random() < 0.1 THEN 1 + pg_temp.below(90) END
FROM generate_series(1, 220) ON CONFLICT DO NOTHING;
UPDATE opportunity SET referred_by = 1 + pg_temp.below(40) WHERE opportunity_id % 4 > 0;

CREATE TEMP TABLE question AS
SELECT n, since, since + length AS until, 20 + pg_temp.below(120) + 0 * n AS days,
  ((since + length + (CASE WHEN n % 4 = 0 THEN -length / 2 ELSE pg_temp.below(40) END))::timestamp + random() * interval '1 day') AT TIME ZONE 'America/New_York' AS as_of
FROM generate_series(1, 24) AS n
CROSS JOIN LATERAL (SELECT pg_temp.day('2025-01-01', 250) + 0 * n AS since, 1 + pg_temp.below(120) + 0 * n AS length) AS s;
ANALYZE;

CREATE TEMP TABLE campaigns AS
SELECT q.n, c.* FROM question AS q
CROSS JOIN LATERAL campaign_return(q.as_of, options => jsonb_build_object('campaign_deal_days', q.days)) AS c;
SELECT bag_eq(
  'SELECT n, campaign, attended, attendees, new_accounts, deals, won, won_amount, cost FROM campaigns',
  'SELECT q.n, c.* FROM question AS q CROSS JOIN LATERAL oracle.campaign_return(q.as_of, q.days) AS c',
  'campaign_return equals its oracle');
SELECT ok((SELECT sum(deals) > 200 AND sum(new_accounts) > 20 AND sum(won) > 50 FROM campaigns), 'deals came, accounts were met, deals were won');
SELECT is_empty(
  'SELECT * FROM campaigns WHERE return_rate IS DISTINCT FROM ((won_amount - cost) / nullif(cost, 0))::float8
     OR deals <> won + lost + open_deals OR cost_per_deal IS DISTINCT FROM cost / nullif(deals, 0)',
  'and the rates are those of the figures beside them');

CREATE TEMP TABLE sources AS
SELECT q.n, p.code AS who, g.* FROM question AS q
CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS p (code)
CROSS JOIN LATERAL growth_by_source(q.as_of, p.code, daterange(q.since, q.until), jsonb_build_object('new_product_days', q.days)) AS g;
SELECT is_empty(
  $$ WITH twin AS (
       SELECT q.n, coalesce(p.code, '') AS asked, o.measure, o.growth_from, sum(o.amount) AS amount, sum(o.previous) AS previous
       FROM question AS q
       CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS p (code)
       CROSS JOIN LATERAL oracle.growth(q.as_of, (SELECT person_id FROM person WHERE code = p.code), q.since,
         least(q.until, oracle.today(q.as_of) + 1), q.days) AS o
       GROUP BY 1, 2, 3, 4)
     SELECT n, asked, measure, growth_from, s.amount, t.amount, s.previous_amount, t.previous
     FROM (SELECT *, coalesce(who, '') AS asked FROM sources) AS s FULL JOIN twin AS t USING (n, asked, measure, growth_from)
     WHERE (coalesce(s.amount, 0) <> coalesce(t.amount, 0) OR coalesce(s.previous_amount, 0) <> coalesce(t.previous, 0)) $$,
  'growth_by_source equals its oracle');
SELECT cmp_ok((SELECT count(*) FROM sources WHERE amount <> 0 AND previous_amount <> 0), '>=', 100::bigint, 'so many cases with both sides');
SELECT is_empty('SELECT * FROM sources WHERE period_until - period_from <> period_from - previous_from OR growth <> amount - previous_amount',
  'the windows are equal');
-- The growth of the window before is the growth, asked for that window.
SELECT is_empty(
  $$ SELECT s.n, s.who, s.measure, s.growth_from, s.previous_growth, b.growth
     FROM sources AS s
     JOIN question AS q USING (n)
     CROSS JOIN LATERAL growth_by_source(q.as_of, NULL, daterange(s.previous_from, s.period_from), jsonb_build_object('new_product_days', q.days)) AS b
     WHERE s.who IS NULL AND b.measure = s.measure AND b.growth_from = s.growth_from AND b.growth <> s.previous_growth $$,
  'previous_growth is what the window before shows');

SELECT is_empty(
  $$ SELECT q.n, m.segment, m.period_from, m.measure, m.amount, twin.amount, m.previous_amount, twin.previous
     FROM (SELECT * FROM question WHERE n <= 8) AS q
     CROSS JOIN LATERAL market_growth(q.as_of) AS m
     JOIN segment AS s ON s.code = m.segment
     CROSS JOIN LATERAL (
       SELECT sum(o.amount) AS amount, sum(o.previous) AS previous
       FROM oracle.growth(q.as_of, NULL, m.period_from, m.period_until, 365) AS o
       WHERE o.segment_id = s.segment_id AND o.measure = m.measure) AS twin
     WHERE m.amount <> twin.amount OR m.previous_amount <> twin.previous $$,
  'market_growth equals its oracle');
SELECT bag_eq(
  $$ SELECT q.n, r.person, r.families_sold FROM question AS q CROSS JOIN LATERAL product_range(q.as_of, during => daterange(q.since, q.until)) AS r WHERE r.person IS NOT NULL $$,
  $$ SELECT q.n, p.code, o.families FROM question AS q CROSS JOIN LATERAL oracle.product_range(q.as_of, q.since, least(q.until, oracle.today(q.as_of) + 1)) AS o JOIN person AS p USING (person_id) $$,
  'product_range equals its oracle');
CREATE TEMP TABLE by_account AS
SELECT q.n, p.code AS asked, r.*
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p2')) AS p (code)
CROSS JOIN LATERAL product_range_by_account(q.as_of, p.code, daterange(q.since, q.until)) AS r;
SELECT bag_eq(
  'SELECT n, asked, account, person, families_bought, families_held, families, families_offered, range_rate FROM by_account',
  $$ SELECT q.n, a.code AS asked, acc.code AS account, p.code AS person, o.bought, o.held, o.families, o.offered, o.families::float8 / o.offered
     FROM question AS q
     CROSS JOIN (VALUES (NULL), ('p2')) AS a (code)
     CROSS JOIN LATERAL oracle.product_range_by_account(q.as_of, (SELECT person_id FROM person WHERE code = a.code), q.since, least(q.until, oracle.today(q.as_of) + 1)) AS o
     JOIN account AS acc ON acc.account_id = o.account_id
     LEFT JOIN person AS p ON p.person_id = o.person_id $$,
  'product_range_by_account equals its oracle');
SELECT ok(count(*) >= 500 AND bool_or(families_bought > families_held) AND bool_or(families_bought < families_held) AND count(DISTINCT families) >= 3 AND count(DISTINCT families_offered) = 2,
  'it has seen families bought and not held, held and not bought, and one that came') FROM by_account;
SELECT bag_eq(
  $$ SELECT q.n, r.person, r.opening_clients, r.kept_clients, r.new_clients
     FROM question AS q CROSS JOIN LATERAL retention_acquisition_mix(q.as_of, during => daterange(q.since, q.until)) AS r WHERE r.scope = 'own' $$,
  $$ SELECT q.n, p.code AS person, o.opening, o.kept, o.new
     FROM question AS q CROSS JOIN LATERAL oracle.sides(q.since, least(q.until, oracle.today(q.as_of) + 1)) AS o LEFT JOIN person AS p USING (person_id) $$,
  'retention_acquisition_mix equals its oracle');
-- What a team's clients hold: the sum over its people; and the balances are those of the bridge.
SELECT is_empty(
  $$ SELECT q.n, b.family, b.opening_balance, g.opening, b.closing_balance, g.closing
     FROM question AS q
     CROSS JOIN LATERAL balance_bridge(q.as_of, NULL, daterange(q.since, q.until)) AS b
     CROSS JOIN LATERAL (
       SELECT sum(g.opening_balance) AS opening, sum(g.closing_balance) AS closing
       FROM balance_growth(q.as_of, NULL, daterange(q.since, q.until)) AS g
       WHERE g.scope = 'own' AND g.family IS NOT DISTINCT FROM b.family) AS g
     WHERE b.opening_balance <> g.opening OR b.closing_balance <> g.closing $$,
  'balance_growth and balance_bridge agree');

CREATE TEMP TABLE held AS
SELECT q.n, p.code AS asked, g.*
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS p (code)
CROSS JOIN LATERAL balance_growth(q.as_of, p.code, daterange(q.since, q.until)) AS g;
SELECT is_empty(
  $$ WITH twin AS (
       SELECT q.n, coalesce(a.code, '') AS asked, coalesce(p.code, '') AS person, o.scope, coalesce(o.family, '') AS family, o.before, o.opening, o.closing, o.clients
       FROM question AS q
       CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS a (code)
       CROSS JOIN LATERAL oracle.balance_growth(q.as_of, (SELECT person_id FROM person WHERE code = a.code), q.since,
         least(q.until, oracle.today(q.as_of) + 1)) AS o
       LEFT JOIN person AS p USING (person_id))
     SELECT n, asked, person, scope, family, h.opening_balance, t.opening, h.closing_balance, t.closing, h.closing_clients, t.clients
     FROM (SELECT n, coalesce(asked, '') AS asked, coalesce(person, '') AS person, scope, coalesce(family, '') AS family,
         previous_opening_balance, opening_balance, closing_balance, closing_clients FROM held) AS h
     FULL JOIN twin AS t USING (n, asked, person, scope, family)
     WHERE coalesce(h.previous_opening_balance, 0) <> coalesce(t.before, 0) OR coalesce(h.opening_balance, 0) <> coalesce(t.opening, 0)
       OR coalesce(h.closing_balance, 0) <> coalesce(t.closing, 0) OR coalesce(h.closing_clients, 0) <> coalesce(t.clients, 0) $$,
  'balance_growth equals its oracle');
SELECT ok(count(*) FILTER (WHERE scope = 'team' AND closing_balance <> 0) > 100 AND count(*) FILTER (WHERE person IS NULL AND closing_balance <> 0) > 10
    AND count(*) FILTER (WHERE faster_rate <> 0) > 100 AND bool_or(growth < 0),
  'it has seen teams, clients whom nobody owns, growth that changes and balances that fall') FROM held;
SELECT is_empty(
  'SELECT * FROM held WHERE growth <> closing_balance - opening_balance OR previous_growth <> opening_balance - previous_opening_balance
     OR growth_rate IS DISTINCT FROM CASE WHEN opening_balance > 0 THEN (growth / opening_balance)::float8 END
     OR previous_growth_rate IS DISTINCT FROM CASE WHEN previous_opening_balance > 0 THEN (previous_growth / previous_opening_balance)::float8 END
     OR abs(faster_rate - (growth_rate - previous_growth_rate)) > 1e-12 OR num_nulls(faster_rate, growth_rate + previous_growth_rate) = 1',
  'and the rates are those of the balances beside them');

CREATE TEMP TABLE referred AS
SELECT q.n, p.code AS asked, span.during, r.*
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS p (code)
CROSS JOIN LATERAL (VALUES (NULL), (daterange(q.since, q.until))) AS span (during)
CROSS JOIN LATERAL referral(q.as_of, p.code, span.during) AS r;
SELECT bag_eq(
  'SELECT n, asked, during, person, account, referrals, last_referral_at, won, lost, open_deals, won_amount FROM referred',
  $$ SELECT q.n, a.code AS asked, span.during, p.code AS person, acc.code AS account, o.referrals, o.last_at, o.won, o.lost, o.open_deals, o.won_amount
     FROM question AS q
     CROSS JOIN (VALUES (NULL), ('p2'), ('p5')) AS a (code)
     CROSS JOIN LATERAL (VALUES (NULL), (daterange(q.since, q.until))) AS span (during)
     CROSS JOIN LATERAL oracle.referral(q.as_of, (SELECT person_id FROM person WHERE code = a.code), lower(span.during), upper(span.during)) AS o
     LEFT JOIN person AS p USING (person_id)
     JOIN account AS acc ON acc.account_id = o.account_id $$,
  'referral equals its oracle');
SELECT ok(count(*) >= 500 AND sum(won) > 100 AND sum(lost) > 100 AND sum(open_deals) > 100 AND bool_or(referrals > 2) AND bool_or(person IS NULL),
  'it has seen won, lost and open referrals, of clients whom nobody owns, too') FROM referred;
SELECT is_empty(
  'SELECT * FROM referred WHERE referrals <> won + lost + open_deals OR win_rate IS DISTINCT FROM won::float8 / nullif(won + lost, 0)
     OR NOT win_rate BETWEEN win_rate_lower AND win_rate_upper OR num_nulls(win_rate, win_rate_lower) = 1',
  'and the rates are those of the counts beside them');

SELECT * FROM finish();
ROLLBACK;
