-- The ledger: the present state follows it, and an UPDATE of the present state feeds it.
\set VERBOSITY terse
\pset format unaligned
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT salesmgmt.create_book('ledger');
SET search_path = ledger, salesmgmt, public;
-- keys are 1, 2, 3 ... in this order
INSERT INTO person (code, name) VALUES ('ann', 'Ann'), ('bob', 'Bob');
INSERT INTO pipeline (code, name) VALUES ('p', 'Pipeline'), ('q', 'Other');
INSERT INTO stage (code, pipeline_id, name, position, outcome) VALUES
  ('lead', 1, 'Lead', 1, 'open'), ('offer', 1, 'Offer', 2, 'open'),
  ('won', 1, 'Won', 3, 'won'), ('lost', 1, 'Lost', 4, 'lost');

CREATE VIEW present AS
SELECT o.code, s.code AS stage, o.amount, o.owner_id AS owner, o.changed_at, o.change_place AS place, o.change_seq AS seq
FROM opportunity AS o
LEFT JOIN stage AS s USING (stage_id)
ORDER BY o.code;
-- every present state must be the last row of its history, and every beginning the first
CREATE VIEW disagreeing AS
SELECT o.code
FROM opportunity AS o
LEFT JOIN LATERAL (
  SELECT *
  FROM opportunity_history AS h
  WHERE h.opportunity_id = o.opportunity_id AND o.change_seq IS NOT NULL
  ORDER BY h.changed_at, h.place
  LIMIT 1) AS first ON true
LEFT JOIN LATERAL (
  SELECT *
  FROM opportunity_history AS h
  WHERE h.opportunity_id = o.opportunity_id
  ORDER BY h.changed_at DESC, h.place DESC
  LIMIT 1) AS last ON true
LEFT JOIN LATERAL (
  SELECT *
  FROM opportunity_history AS h
  WHERE h.opportunity_id = o.opportunity_id AND (h.changed_at, h.place) < (last.changed_at, last.place)
  ORDER BY h.changed_at DESC, h.place DESC
  LIMIT 1) AS before ON true
WHERE (o.stage_id, o.amount, o.owner_id, coalesce(o.change_seq, 0), o.change_place)
  IS DISTINCT FROM
  (last.stage_id, last.amount, last.owner_id, coalesce(last.seq, 0), nullif(last.place, 0))
  OR (o.stage_before_id, o.amount_before) IS DISTINCT FROM (before.stage_id, before.amount)
  OR (o.first_changed_at, o.first_stage_id, o.first_owner_id)
  IS DISTINCT FROM
  (first.changed_at, first.stage_id, first.owner_id);

-- the present state follows: one row, several rows, several deals in one statement
INSERT INTO opportunity (code, pipeline_id, created_at) VALUES
  ('A', 1, '2016-01-01'), ('B', 1, '2016-01-01'), ('C', 1, '2016-01-01');
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
VALUES (1, '2016-01-02', 1, 100, 1);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
VALUES (1, '2016-01-09', 2, 120, 1), (2, '2016-01-05', 1, 50, 2), (2, '2016-01-03', 1, 40, 2), (1, '2016-01-07', 1, 110, 1);
TABLE present;
-- a late older row is history, not the present
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
VALUES (1, '2016-01-05', 1, 105, 2);
SELECT * FROM present WHERE code = 'A';
SELECT changed_at, amount, owner_id, place FROM opportunity_history WHERE opportunity_id = 1 ORDER BY changed_at, place;
-- in one instant seq decides, in one statement and in several, in either order
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount)
VALUES (3, '2016-02-01', 202, 2, 2), (3, '2016-02-01', 201, 1, 1);
SELECT * FROM present WHERE code = 'C';
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount)
VALUES (3, '2016-02-01', 203, 2, 3);
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount)
VALUES (3, '2016-02-01', 200, 1, 0);
SELECT * FROM present WHERE code = 'C';
TABLE disagreeing;

-- a correction of the present row
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (3, '2016-02-01', 300, 2, 33, 203);
SELECT * FROM present WHERE code = 'C';
-- of an older row of the same instant: the present stays
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (3, '2016-02-01', 301, 1, 11, 201);
SELECT * FROM present WHERE code = 'C';
-- a second correction of the same row: the newest counts, also when the older one comes last
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (3, '2016-02-01', 310, 2, 3333, 203);
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (3, '2016-02-01', 305, 2, 333, 203);
SELECT * FROM present WHERE code = 'C';
SELECT place, seq, amount FROM opportunity_history WHERE opportunity_id = 3 ORDER BY changed_at, place;
-- a row after a corrected one still comes after it
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount)
VALUES (3, '2016-02-01', 204, 2, 4);
SELECT * FROM present WHERE code = 'C';
-- a correction of a row of another day, and one together with its original
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
SELECT 1, changed_at, 400, 1, 999, seq FROM opportunity_change WHERE opportunity_id = 1 AND amount = 105;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (2, '2016-01-06', 410, 1, 60, NULL), (2, '2016-01-06', 411, 1, 66, 410);
SELECT * FROM present WHERE code IN ('A', 'B');
SELECT changed_at, amount FROM opportunity_history WHERE opportunity_id IN (1, 2) ORDER BY opportunity_id, changed_at, place;
-- seq need not be unique beyond its instant: a correction hides rows of its own instant only
INSERT INTO opportunity (code, pipeline_id, created_at) VALUES ('D', 1, '2016-01-01');
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, corrects)
VALUES (4, '2016-01-01', 1, 1, 10, NULL), (4, '2016-01-02', 1, 1, 20, NULL), (4, '2016-01-01', 2, 1, 11, 1);
SELECT changed_at, amount FROM opportunity_history WHERE opportunity_id = 4 ORDER BY changed_at, place;
TABLE disagreeing;
-- refused: a correction of a correction, of nothing, at another time, of another deal, of a later row
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, corrects)
  VALUES (3, '2016-02-01', 500, 2, 310)$$);
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, corrects)
  VALUES (3, '2016-02-01', 500, 2, 77)$$);
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, corrects)
  VALUES (3, '2016-02-02', 500, 2, 203)$$);
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, corrects)
  VALUES (2, '2016-02-01', 500, 2, 203)$$);
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, corrects)
  VALUES (3, '2016-02-01', 150, 2, 203)$$);
-- history is not rewritten, not even from above
SELECT pg_temp.refused('UPDATE opportunity_change SET amount = 0');
SELECT pg_temp.refused('DELETE FROM opportunity_change');
SELECT pg_temp.refused('TRUNCATE opportunity_change');
SELECT pg_temp.refused('TRUNCATE opportunity CASCADE');
SELECT pg_temp.refused('UPDATE opportunity_change SET amount = 0 WHERE false');
SELECT pg_temp.refused($$DELETE FROM opportunity WHERE code = 'C'$$);
SELECT pg_temp.refused($$INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id) VALUES (1, 'infinity', 1)$$);
-- loading the same rows twice
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount)
VALUES (3, '2016-02-01', 202, 2, 2), (3, '2016-02-01', 201, 1, 1) ON CONFLICT DO NOTHING;
TABLE disagreeing;

-- COPY
COPY opportunity_change (opportunity_id, changed_at, seq, recorded_at, stage_id, amount, owner_id, corrects) FROM stdin;
1	2016-01-20	601	2016-01-21	2	130	1	\N
2	2016-01-19	602	2016-01-21	3	61	2	\N
1	2016-01-20	603	2016-01-22	2	131	1	601
1	2016-01-01	604	2016-01-22	1	90	1	\N
\.
SELECT * FROM present WHERE code IN ('A', 'B');
TABLE disagreeing;

-- UPDATE appends; what is no state does not
CREATE VIEW rows AS
SELECT o.code, count(c) AS changes
FROM opportunity AS o LEFT JOIN opportunity_change AS c USING (opportunity_id)
GROUP BY o.code ORDER BY o.code;
UPDATE opportunity SET amount = 200, owner_id = 2 WHERE code IN ('A', 'B');
SELECT code, stage, amount, owner, changed_at BETWEEN now() - interval '1 hour' AND now() AS just_now FROM present WHERE code IN ('A', 'B');
UPDATE opportunity SET name = 'A deal', source = 'referral' WHERE code = 'A';
UPDATE opportunity SET amount = 200.0 WHERE code = 'A';
UPDATE opportunity SET amount = 0 WHERE false;
TABLE rows;
-- twice in one transaction: one instant, in order
BEGIN;
UPDATE opportunity SET amount = 201 WHERE code = 'A';
UPDATE opportunity SET amount = 202 WHERE code = 'A';
SELECT count(DISTINCT changed_at) AS instants, array_agg(amount ORDER BY place) AS amounts
FROM opportunity_history WHERE opportunity_id = 1 AND changed_at = now();
COMMIT;
TABLE disagreeing;
-- with its date given
INSERT INTO opportunity (code, pipeline_id, created_at) VALUES ('E', 1, '2016-01-01');
UPDATE opportunity SET stage_id = 1, amount = 1, changed_at = '2016-01-03' WHERE code = 'E';
UPDATE opportunity SET stage_id = 2, amount = 2, changed_at = '2016-01-04' WHERE code = 'E';
UPDATE opportunity SET changed_at = '2016-01-05' WHERE code = 'E';
SELECT changed_at, stage_id, amount FROM opportunity_history WHERE opportunity_id = 5 ORDER BY changed_at, place;
SELECT code, stage, amount, changed_at FROM present WHERE code = 'E';
TABLE disagreeing;
SELECT pg_temp.refused($$UPDATE opportunity SET stage_id = 1, changed_at = '2016-01-04' WHERE code = 'E'$$);
SELECT pg_temp.refused($$UPDATE opportunity SET stage_id = NULL WHERE code = 'E'$$);
-- nor is a state that it was entered with taken away
BEGIN;
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, amount) VALUES (99, 'entered', 1, '2016-01-01', 1, 10);
SELECT pg_temp.refused($$UPDATE opportunity SET stage_id = NULL WHERE code = 'entered'$$);
ROLLBACK;
-- a deal keeps the key of its history: a shift would have made each the past of the next one
SELECT pg_temp.refused($$UPDATE opportunity SET opportunity_id = opportunity_id - 10 WHERE code = 'E'$$);
-- what the ledger keeps is not written by hand, nor taken back by who saves a whole row as it was read before
SELECT pg_temp.refused($$UPDATE opportunity SET stage_before_id = 4 WHERE code = 'E'$$);
CREATE TEMP TABLE read_before AS SELECT * FROM opportunity WHERE code = 'E';
UPDATE opportunity SET amount = 3, changed_at = '2016-01-06' WHERE code = 'E';
SELECT pg_temp.refused($$UPDATE opportunity AS o SET (name, stage_id, amount, changed_at, change_place, change_seq, stage_before_id, amount_before) =
  (r.name, r.stage_id, r.amount, r.changed_at, r.change_place, r.change_seq, r.stage_before_id, r.amount_before) FROM read_before AS r WHERE o.code = r.code$$);
TABLE disagreeing;
-- a first state before the deal's creation is odd, not refused
INSERT INTO opportunity (code, pipeline_id, created_at) VALUES ('F', 1, '2016-01-10');
UPDATE opportunity SET stage_id = 1, changed_at = '2016-01-08' WHERE code = 'F';
SELECT stage, changed_at FROM present WHERE code = 'F';
-- the opening state of a deal entered with one: history at once, in the ledger with the first change
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount, owner_id)
VALUES ('G', 1, '2016-01-10', 1, 70, 1);
SELECT changed_at, place, seq, stage_id, amount FROM opportunity_history WHERE opportunity_id = 7;
SELECT * FROM rows WHERE code = 'G';
SELECT pg_temp.refused($$UPDATE opportunity SET stage_id = 2, changed_at = '2016-01-09' WHERE code = 'G'$$);
UPDATE opportunity SET stage_id = 2, changed_at = '2016-01-12' WHERE code = 'G';
SELECT changed_at, stage_id, amount FROM opportunity_change WHERE opportunity_id = 7 ORDER BY seq;
-- one that is to open only later moves in its own time
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount)
VALUES ('H', 1, '2126-01-10', 1, 80);
UPDATE opportunity SET amount = 88 WHERE code = 'H';
SELECT * FROM disagreeing;
SELECT code, stage, amount, changed_at FROM present WHERE code = 'H';
-- the ledger, once it has rows of a deal, is its whole history
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount)
VALUES ('I', 1, '2016-01-10', 2, 90);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount) VALUES (9, '2016-01-09', 1, 99);
SELECT changed_at, stage_id, amount FROM opportunity_history WHERE opportunity_id = 9;
TABLE disagreeing;

-- a synchronization in one statement: new, changed and unchanged deals
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount)
VALUES ('A', 1, '2016-01-01', 2, 250), ('I', 1, '2016-01-10', 1, 99), ('J', 1, '2016-01-11', 1, 5)
ON CONFLICT (code) DO UPDATE SET stage_id = EXCLUDED.stage_id, amount = EXCLUDED.amount;
SELECT * FROM rows WHERE code IN ('A', 'I', 'J');
MERGE INTO opportunity AS o
USING (VALUES ('A', 3, 260), ('J', 2, 6)) AS crm (code, stage_id, amount) ON o.code = crm.code
WHEN MATCHED THEN UPDATE SET stage_id = crm.stage_id, amount = crm.amount;
SELECT * FROM rows WHERE code IN ('A', 'I', 'J');
SELECT code, stage, amount FROM present WHERE code IN ('A', 'I', 'J');
TABLE disagreeing;

-- a user's own triggers: after an activity the deal moves on; before an update the amount is rounded
CREATE FUNCTION move_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger.opportunity SET stage_id = 2, changed_at = NEW.held_at WHERE opportunity_id = NEW.opportunity_id;
  RETURN NULL;
END $$;
CREATE TRIGGER move_on AFTER INSERT ON activity FOR EACH ROW EXECUTE FUNCTION move_on();
INSERT INTO activity_kind (code, name) VALUES ('call', 'Call');
INSERT INTO activity (code, activity_kind_id, person_id, opportunity_id, held_at)
VALUES ('1', 1, 1, 6, '2016-01-15'), ('2', 1, 1, 2, '2126-01-15');
SELECT changed_at, stage_id FROM opportunity_change WHERE opportunity_id = 6 ORDER BY changed_at;
CREATE FUNCTION round_amount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.amount := round(NEW.amount);
  RETURN NEW;
END $$;
CREATE TRIGGER round_amount BEFORE UPDATE ON opportunity FOR EACH ROW EXECUTE FUNCTION round_amount();
UPDATE opportunity SET amount = 7.4 WHERE code = 'J';
SELECT c.amount, o.amount AS present FROM opportunity_change AS c JOIN opportunity AS o USING (opportunity_id) WHERE o.code = 'J' AND seq = change_seq;
TABLE disagreeing;
DROP TRIGGER round_amount ON opportunity;
-- and columns, whatever their names
ALTER TABLE opportunity ADD COLUMN happened_at date;
UPDATE opportunity SET amount = 8, happened_at = '2016-01-20' WHERE code = 'J';
SELECT count(*) FROM opportunity_change AS c JOIN opportunity AS o ON o.opportunity_id = c.opportunity_id AND c.seq = o.change_seq
WHERE o.code = 'J' AND c.amount = 8;
ALTER TABLE opportunity DROP COLUMN happened_at;
UPDATE opportunity SET amount = 9 WHERE code = 'J';
TABLE disagreeing;

-- corrections that came after the last ANALYZE do not make the history quadratic
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT i, i, 1, '2016-01-01' FROM generate_series(1001, 3000) AS i;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id)
SELECT 1001 + i % 2000, timestamptz '2016-01-01' + i * interval '1 minute', 10000 + i, 1 FROM generate_series(1, 20000) AS i;
CREATE TEMP TABLE uncorrected (LIKE opportunity_change);
ALTER TABLE opportunity_change DISABLE TRIGGER refuse_rewrite;
WITH gone AS (DELETE FROM opportunity_change WHERE corrects IS NOT NULL RETURNING *)
INSERT INTO uncorrected TABLE gone;
ANALYZE opportunity_change;
INSERT INTO opportunity_change TABLE uncorrected;
ALTER TABLE opportunity_change ENABLE TRIGGER refuse_rewrite;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) FILTER (WHERE line ~ 'Anti') AS anti_joins, count(*) FILTER (WHERE line ~ 'Nested Loop') AS nested_loops
FROM pg_temp.plan_of('SELECT * FROM opportunity_history') AS line;
TABLE disagreeing;

-- in any order, a row or several in a statement: both ends of every history are found
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT i, i, 1, '2016-01-01' FROM generate_series(4001, 4040) AS i;
CREATE TEMP TABLE coming AS
SELECT 4001 + i % 40 AS opportunity_id, timestamptz '2016-01-01' + (i / 40 % 3) * interval '1 day' AS changed_at, 40000 + i AS seq,
  NULL::bigint AS corrects, ('x' || left(md5(i::text), 7))::bit(28)::int % 300 AS statement
FROM generate_series(1, 400) AS i;
-- most rows are corrected, some twice; not before they are there
INSERT INTO coming
SELECT opportunity_id, changed_at, seq + n * 1000, seq, greatest(statement, ('x' || left(md5((seq * n)::text), 7))::bit(28)::int % 300)
FROM coming, generate_series(1, 2) AS n
WHERE (seq + n) % 3 = 0 OR seq % 5 = 0;
DO $$
BEGIN
  FOR part IN 0..299 LOOP
    INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, amount, owner_id, corrects)
    SELECT opportunity_id, changed_at, seq, 1 + seq % 4, nullif(seq % 11, 0), CASE WHEN seq % 7 < 6 THEN 1 + seq % 2 END, corrects
    FROM coming WHERE statement = part ORDER BY md5(seq::text);
  END LOOP;
END $$;
SELECT count(*) AS deals, count(*) FILTER (WHERE change_seq <> change_place) AS last_is_corrected, count(stage_before_id) AS with_state_before
FROM opportunity WHERE opportunity_id > 4000;
TABLE disagreeing;

-- what was believed: an offer of 1 March that the book learned of on the 5th, the lead of February corrected on 10 March, the
-- offer on the 20th; and a deal that came with its state
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) VALUES (5001, 'late', 1, '2016-02-01');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, amount) VALUES (5002, 'state', 1, '2016-02-10', 1, 70);
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, recorded_at, stage_id, amount, owner_id, corrects) VALUES
  (5001, '2016-02-01', 90001, '2016-02-01', 1, 100, 1, NULL), (5001, '2016-03-01', 90002, '2016-03-05', 2, 200, 2, NULL),
  (5001, '2016-02-01', 90003, '2016-03-10', 1, 150, 1, 90001), (5001, '2016-03-01', 90004, '2016-03-20', 3, 250, 2, 90002);
CREATE VIEW believed AS
SELECT day.known_at::date, day.as_of::date, b.opportunity, b.person, b.stage, b.amount, b.changed_at::date, b.recorded_at::date
FROM (VALUES ('2016-01-31'::timestamptz, NULL::timestamptz), ('2016-02-15', NULL), ('2016-03-02', NULL), ('2016-03-06', NULL), ('2016-03-06', '2016-02-15'),
  ('2016-03-12', NULL), ('2016-03-12', '2016-02-15'), ('2016-03-21', NULL)) AS day (known_at, as_of)
CROSS JOIN LATERAL opportunity_as_recorded(day.known_at, day.as_of) AS b
WHERE b.opportunity IN ('late', 'state');
SELECT * FROM believed ORDER BY opportunity, known_at, as_of NULLS FIRST;
-- an UPDATE writes the opening state into the ledger, and changes nothing of what was believed
CREATE TABLE believed_before AS SELECT * FROM believed;
UPDATE opportunity SET stage_id = 2, changed_at = '2016-04-01' WHERE code = 'state';
SELECT count(*) AS changed FROM (SELECT * FROM believed EXCEPT ALL TABLE believed_before) AS x;
SELECT stage, amount, changed_at FROM opportunity_as_recorded(now()) WHERE opportunity = 'state';
-- who knows everything knows the present state
SELECT count(*) = (SELECT count(*) FROM opportunity WHERE stage_id IS NOT NULL) AS all_deals,
  bool_and((s.code, o.amount, o.changed_at) IS NOT DISTINCT FROM (b.stage, b.amount, b.changed_at)) AS same
FROM opportunity_as_recorded('9999-01-01') AS b JOIN opportunity AS o ON o.code = b.opportunity JOIN stage AS s ON s.stage_id = o.stage_id;
SELECT pg_temp.refused($$SELECT * FROM opportunity_as_recorded(NULL)$$);
SELECT pg_temp.refused($$SELECT * FROM opportunity_as_recorded('infinity')$$);
SELECT pg_temp.refused($$SELECT * FROM opportunity_as_recorded('2016-03-01', 'infinity')$$);

-- what one row alone shows to be wrong
SELECT pg_temp.refused($$INSERT INTO stage (code, pipeline_id, name, position, outcome) VALUES ('won2', 1, 'Won too', 9, 'won')$$);
SELECT pg_temp.refused($$INSERT INTO stage (code, pipeline_id, name, position) VALUES ('x', 1, 'X', 2)$$);
SELECT pg_temp.refused($$INSERT INTO stage (code, pipeline_id, name, position) VALUES ('x', 1, 'X', 0)$$);
SELECT pg_temp.refused($$INSERT INTO stage (code, pipeline_id, name, position) VALUES ('q1', 2, 'First of another', 1)$$);
SELECT pg_temp.refused($$INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2016-01-01,)', 1.5)$$);
SELECT pg_temp.refused($$INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2016-01-01,)', -0.1)$$);
SELECT pg_temp.refused($$INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2016-01-01,)', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2015-01-01,2016-01-01)', 0.2), (1, '[2016-01-01,)', 0.3)$$);
SELECT pg_temp.refused($$INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2016-06-01,)', 0.4)$$);
SELECT pg_temp.refused($$INSERT INTO opportunity (code, pipeline_id, created_at) VALUES ('K', 1, '-infinity')$$);
SELECT pg_temp.refused($$INSERT INTO opportunity (code, pipeline_id, created_at, forecast_category) VALUES ('K', 1, now(), 'maybe')$$);
SELECT pg_temp.refused($$INSERT INTO opportunity (code, pipeline_id, created_at, currency) VALUES ('K', 1, now(), 'EUR')$$);
SELECT pg_temp.refused($$INSERT INTO opportunity (code, pipeline_id, created_at) VALUES ('A', 1, now())$$);
DROP SCHEMA ledger CASCADE;
