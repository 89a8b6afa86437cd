-- What is done to be known, how markets grow, and the surprises: what one row alone shows to be wrong is refused.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only true
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT salesmgmt.create_book('rules');
SET search_path = rules, salesmgmt, public;
INSERT INTO person (code, name) VALUES ('ann', 'Ann'), ('bob', 'Bob');
INSERT INTO segment (code, name) VALUES ('small', 'Small');
INSERT INTO account (code, name) VALUES ('acme', 'Acme'), ('nil', 'Nil');
-- the growth of a market: one a segment and day, never below -100 %
INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2025-01-01,2025-04-01)', 0.02), (1, '[2025-04-01,2025-07-01)', -1);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2025-06-30,2025-10-01)', 0.02)$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2026-01-01,2026-04-01)', -1.01)$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2026-01-01,2026-04-01)', 'Infinity')$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2026-01-01,2026-04-01)', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, '[2026-01-01,)', 0.1)$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (1, 'empty', 0.1)$$);
SELECT pg_temp.refused($$INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES (9, '[2026-01-01,2026-04-01)', 0.1)$$);
-- a campaign
INSERT INTO campaign (code, name, kind, person_id, during, budget, cost) VALUES ('spring', 'Spring seminar', 'seminar', 1, '[2026-03-10,2026-03-11)', 1000, 0);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during) VALUES ('spring', 'Again', 'seminar', '[2026-03-10,2026-03-11)')$$);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during) VALUES ('x', 'X', 'billboard', '[2026-03-10,2026-03-11)')$$);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during) VALUES ('x', 'X', 'talk', '[2026-03-10,)')$$);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during, cost) VALUES ('x', 'X', 'talk', '[2026-03-10,2026-03-11)', -0.01)$$);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during, budget) VALUES ('x', 'X', 'talk', '[2026-03-10,2026-03-11)', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO campaign (code, name, kind, during, cost, currency) VALUES ('x', 'X', 'talk', '[2026-03-10,2026-03-11)', 1, 'EUR')$$);
-- a response: one of a kind by each account
INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at) VALUES (1, 1, 'invited', '2026-02-20'), (1, 1, 'attended', '2026-03-10 18:00');
SELECT pg_temp.refused($$INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at) VALUES (1, 1, 'attended', '2026-03-10 19:00')$$);
SELECT pg_temp.refused($$INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at) VALUES (1, 2, 'slept', '2026-03-10 19:00')$$);
SELECT pg_temp.refused($$INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at) VALUES (1, 2, 'attended', 'infinity')$$);
SELECT pg_temp.refused($$INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at, guests) VALUES (1, 2, 'attended', '2026-03-10 19:00', 0)$$);
SELECT pg_temp.refused($$INSERT INTO campaign_response (campaign_id, account_id, kind, responded_at, opportunity_id) VALUES (1, 2, 'attended', '2026-03-10 19:00', 9)$$);
-- a surprise
INSERT INTO request (person_id, origin, requested_by, requested_at, hours, subject, gave_way) VALUES
  (1, 'manager', 2, '2026-03-02 09:00', 2.5, 'Figures for the board', 'calls'), (1, 'client', NULL, '2026-03-02 10:00', NULL, 'A complaint', NULL);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject) VALUES (1, 'weather', '2026-03-02', 'Snow')$$);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject) VALUES (NULL, 'other', '2026-03-02', 'Snow')$$);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject) VALUES (1, 'other', '2026-03-02', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject, hours) VALUES (1, 'other', '2026-03-02', 'Snow', -1)$$);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject, hours) VALUES (1, 'other', '2026-03-02', 'Snow', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO request (person_id, origin, requested_at, subject, hours) VALUES (1, 'other', '-infinity', 'Snow', 1)$$);

-- They are loaded with codes instead of ids, in the order of what refers to what.
SELECT array_position(o, 'segment') < array_position(o, 'segment_growth') AND array_position(o, 'account') < array_position(o, 'request')
  AND array_position(o, 'campaign') < array_position(o, 'campaign_response')
  AND array_position(o, 'opportunity') < array_position(o, 'campaign_response')
FROM (SELECT array_agg(table_name ORDER BY place) FROM load_order('rules')) AS l (o);
SELECT stage_table('rules', 'segment_growth'), stage_table('rules', 'campaign'), stage_table('rules', 'campaign_response'), stage_table('rules', 'request');
COPY pg_temp.staged_segment_growth (code, segment, during, growth_rate, source) FROM STDIN WITH (FORMAT csv);
g3,small,"[2025-07-01,2025-10-01)",0.015,Chamber
\.
COPY pg_temp.staged_campaign (code, name, kind, person, during, budget, cost) FROM STDIN WITH (FORMAT csv);
spring,Spring seminar,seminar,ann,"[2026-03-10,2026-03-11)",1000,950
autumn,Autumn dinner,social_event,bob,"[2026-10-08,2026-10-09)",2000,
\.
COPY pg_temp.staged_campaign_response (code, campaign, account, kind, responded_at, invited_by, guests) FROM STDIN WITH (FORMAT csv);
r1,spring,nil,attended,2026-03-10 18:00+00,bob,2
\.
COPY pg_temp.staged_request (code, person, origin, requested_by, account, requested_at, hours, subject, gave_way) FROM STDIN WITH (FORMAT csv);
q1,bob,colleague,ann,acme,2026-03-03 09:00+00,1.5,Help with an offer,two calls
\.
SELECT m.* FROM unnest(ARRAY['segment_growth', 'campaign', 'request']) AS t CROSS JOIN LATERAL merge_table('rules', t) AS m;
SELECT * FROM merge_table('rules', 'campaign_response');
SELECT * FROM merge_table('rules', 'campaign_response');
SELECT c.code, c.cost, r.kind, a.code, who.code, r.guests
FROM campaign AS c
JOIN campaign_response AS r USING (campaign_id)
JOIN account AS a USING (account_id)
LEFT JOIN person AS who ON who.person_id = r.invited_by
ORDER BY r.responded_at, a.code;
SELECT stage_table('rules', 'campaign_response');
COPY pg_temp.staged_campaign_response (code, campaign, account, kind, responded_at) FROM STDIN WITH (FORMAT csv);
r2,winter,nil,attended,2026-03-10 18:00+00
\.
SELECT * FROM merge_table('rules', 'campaign_response', partial => true);
DROP SCHEMA rules CASCADE;
