-- stage_table() and merge_table(): codes instead of ids, and what they refuse.
SET client_min_messages = warning;
SELECT salesmgmt.create_book('sales', time_zone => 'Europe/Berlin');
SET search_path = salesmgmt, public;
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = ISO;

-- every table comes after those it refers to, and all can be staged
SELECT bool_and(l.place > r.place) AS in_order
FROM pg_constraint AS c
JOIN load_order('sales') AS l ON l.table_name = (SELECT relname FROM pg_class WHERE oid = c.conrelid)
JOIN load_order('sales') AS r ON r.table_name = (SELECT relname FROM pg_class WHERE oid = c.confrelid)
WHERE c.contype = 'f' AND c.connamespace = 'sales'::regnamespace AND c.conrelid <> c.confrelid;
SELECT bool_and(stage_table('sales', table_name) = 'pg_temp.staged_' || table_name) AS all_staged FROM load_order('sales');
SELECT column_name, given_as, type, required, fallback, refers_to FROM loadable_column('sales', 'opportunity');

-- no such book, table or staged table
SELECT stage_table('nowhere', 'person');
SELECT stage_table('sales', 'people');
SELECT stage_table('sales', 'book_version');
SELECT stage_table(NULL, 'person');
SELECT stage_table('sales', NULL);
SELECT * FROM merge_table(NULL, 'person');
SELECT * FROM merge_table('sales', NULL);
SELECT * FROM load_order(NULL);
DROP TABLE pg_temp.staged_segment;
SELECT * FROM merge_table('sales', 'segment');
SELECT * FROM load_order('nowhere');

-- the first load inserts, the second finds the same, a third changes;
-- a column that is not given is left alone, an empty field empties
COPY pg_temp.staged_person (name, code, email) FROM STDIN WITH (FORMAT csv);
Ann,ann,ann@example.com
Bob,bob,bob@example.com
"Cleo,
twice",cleo,
\.
SELECT * FROM merge_table('sales', 'person');
SELECT * FROM merge_table('sales', 'person');
SELECT stage_table('sales', 'person');
COPY pg_temp.staged_person (code, name) FROM STDIN WITH (FORMAT csv);
ann,Anna
\.
SELECT * FROM merge_table('sales', 'person');
SELECT stage_table('sales', 'person');
COPY pg_temp.staged_person (code, email) FROM STDIN WITH (FORMAT csv);
bob,
\.
SELECT * FROM merge_table('sales', 'person');
SELECT code, name, email, line_version FROM sales.person ORDER BY code;
-- nothing staged, nothing done
SELECT stage_table('sales', 'person');
SELECT * FROM merge_table('sales', 'person');

-- line breaks inside quotes count: the line is that of the file
COPY pg_temp.staged_person (code, name) FROM STDIN WITH (FORMAT csv);
dora,"Dora

Long"
eve,
eve,Eve
cleo,
\.
SELECT * FROM merge_table('sales', 'person');
SELECT * FROM merge_table('sales', 'person', partial => true);
-- a column that is required and missing altogether
SELECT stage_table('sales', 'person');
INSERT INTO pg_temp.staged_person (code) VALUES ('fay');
SELECT * FROM merge_table('sales', 'person');
-- some lines with a column and some without
INSERT INTO pg_temp.staged_person (code, name) VALUES ('gil', 'Gil');
SELECT * FROM merge_table('sales', 'person');

-- a tree in any order, and what hangs on a refused line
COPY pg_temp.staged_territory (code, name, parent) FROM STDIN WITH (FORMAT csv);
berlin,Berlin,north
north,North,country
country,Country,
mars,Mars,planets
crater,Crater,mars
self,Self,self
below,Below,self
\.
SELECT * FROM merge_table('sales', 'territory');
SELECT * FROM merge_table('sales', 'territory', partial => true);
SELECT * FROM merge_table('sales', 'territory', partial => true);
SELECT t.code, p.code AS parent FROM sales.territory AS t LEFT JOIN sales.territory AS p ON p.territory_id = t.parent_id ORDER BY 1;
-- lines that lead back to themselves, and what hangs on them; moved sessions are such lines, too
SELECT stage_table('sales', 'territory');
COPY pg_temp.staged_territory (code, name, parent) FROM STDIN WITH (FORMAT csv);
egg,Egg,hen
hen,Hen,chick
chick,Chick,egg
feather,Feather,hen
\.
SELECT * FROM merge_table('sales', 'territory');
SELECT * FROM merge_table('sales', 'territory', partial => true);
SELECT stage_table('sales', 'coaching_session');
COPY pg_temp.staged_coaching_session (code, kind, manager, planned_for, outcome, moved_from) FROM STDIN WITH (FORMAT csv);
mon,one_on_one,ann,2024-03-04 10:00,moved,tue
tue,one_on_one,ann,2024-03-05 10:00,moved,mon
wed,one_on_one,ann,2024-03-06 10:00,planned,
\.
SELECT * FROM merge_table('sales', 'coaching_session', partial => true);
-- a cycle that recorded rows close is for the table to refuse
SELECT stage_table('sales', 'territory');
COPY pg_temp.staged_territory (code, name, parent) FROM STDIN WITH (FORMAT csv);
country,Country,berlin
\.
SELECT * FROM merge_table('sales', 'territory', partial => true);

-- values that are none of their type, and rules of types and tables
COPY pg_temp.staged_account (code, name, territory, client_since, client_until) FROM STDIN WITH (FORMAT csv);
acme,Acme,berlin,2024-01-31,
bolt,Bolt,paris,2024-01-31,
core,Core,,31.01.2024,
dent,Dent,,01/02/2024,
emil,Emil,,2024-02-30,
fine,Fine,,2024-02-01,2024-01-01
gone,Gone,,infinity,
\.
SELECT * FROM merge_table('sales', 'account');
SELECT * FROM merge_table('sales', 'account', partial => true);
COPY pg_temp.staged_product (code, name, list_price) FROM STDIN WITH (FORMAT csv);
a,A,10.00
b,B,ten
c,C,NaN
d,D,0.00001
e,E,
\.
SELECT * FROM merge_table('sales', 'product', partial => true);
COPY pg_temp.staged_metric (code, name, unit, higher_is_better) FROM STDIN WITH (FORMAT csv);
calls,Calls,count,yes
refunds,Refunds,count,no
visits,Visits,number,
smiles,Smiles,count,perhaps
\.
SELECT * FROM merge_table('sales', 'metric', partial => true);
COPY pg_temp.staged_pipeline (code, name) FROM STDIN WITH (FORMAT csv);
p,Selling
\.
SELECT * FROM merge_table('sales', 'pipeline');
COPY pg_temp.staged_stage (code, pipeline, name, "position", outcome) FROM STDIN WITH (FORMAT csv);
contact,p,Contact,1,
proposal,p,Proposal,2,open
won,p,Won,3,won
lost,p,Lost,4,lost
half,p,Half,1.5,open
again,p,Again,2,open
victory,p,Victory,5,won
\.
SELECT * FROM merge_table('sales', 'stage', partial => true);
-- settings are JSON
COPY pg_temp.staged_setting (name, value) FROM STDIN WITH (FORMAT csv);
min_closed,7
confidence,high
new_one,1
\.
SELECT * FROM merge_table('sales', 'setting', partial => true);

-- one at a time: among the lines, and with what is recorded
COPY pg_temp.staged_employment (code, person, during, role) FROM STDIN WITH (FORMAT csv);
e1,ann,"[2023-01-01,2024-01-01)",rep
e2,ann,"[2024-01-01,)",manager
e3,bob,"[2023-01-01,)",rep
e4,bob,"[2023-06-01,2023-07-01)",rep
e5,cleo,2023-01-01,rep
e6,cleo,empty,rep
e7,cleo,"[2023-01-01,)",boss
\.
SELECT * FROM merge_table('sales', 'employment', partial => true);
-- a line that is refused is in nobody's way: v3 overlaps v2 alone, v5 v4
COPY pg_temp.staged_absence (code, person, during, kind) FROM STDIN WITH (FORMAT csv);
v1,ann,"[2024-07-01,2024-07-10)",
v2,ann,"[2024-07-08,2024-07-20)",
v3,ann,"[2024-07-15,2024-07-25)",
v4,bob,"[2024-07-01,2024-07-10)",holiday
v5,bob,"[2024-07-05,2024-07-15)",
\.
SELECT * FROM merge_table('sales', 'absence', partial => true);
-- bands of other ratings may overlap, their bounds ascend
SELECT stage_table('sales', 'rating_band');
COPY pg_temp.staged_rating_band (code, rating, name, lower_bound, during) FROM STDIN WITH (FORMAT csv);
b2,2,Below,60,"[2023-01-01,)"
b3,3,Met,50,"[2023-01-01,)"
b4,4,Exceeded,100,"[2023-01-01,)"
b5,4,Exceeded,110,"[2024-01-01,)"
\.
SELECT * FROM merge_table('sales', 'rating_band', partial => true);
-- a row gives way to another in the same file
SELECT stage_table('sales', 'employment');
COPY pg_temp.staged_employment (code, person, during, role) FROM STDIN WITH (FORMAT csv);
e8,bob,"[2024-01-01,)",manager
e3,bob,"[2023-01-01,2024-01-01)",rep
e1,ann,"[2023-01-01,2024-03-01)",rep
e2,ann,"[2024-03-01,)",manager
\.
SELECT * FROM merge_table('sales', 'employment');
SELECT code, during, role FROM sales.employment ORDER BY code;
-- without codes only rows that are the same are known
SELECT stage_table('sales', 'employment');
COPY pg_temp.staged_employment (person, during, role) FROM STDIN WITH (FORMAT csv);
bob,"[2024-01-01,)",manager
bob,"[2023-01-01,2023-12-01)",rep
\.
SELECT * FROM merge_table('sales', 'employment');

-- what a trigger refuses has its line, too
COPY pg_temp.staged_reporting_line (person, manager, during) FROM STDIN WITH (FORMAT csv);
ann,bob,"[2024-01-01,)"
bob,cleo,"[2024-01-01,)"
cleo,ann,"[2024-06-01,)"
\.
SELECT * FROM merge_table('sales', 'reporting_line');
SELECT * FROM merge_table('sales', 'reporting_line', partial => true);
SELECT * FROM merge_table('sales', 'reporting_line', partial => true);

-- the shares of a booking sum to 1, and all lines of one that do not are refused
COPY pg_temp.staged_booking (code, booked_on, amount) FROM STDIN WITH (FORMAT csv);
b1,2024-05-02,100
b2,2024-05-02,100
b3,2024-05-02,100
b4,2024-05-02,100
\.
SELECT * FROM merge_table('sales', 'booking');
COPY pg_temp.staged_booking_credit (code, booking, person, share) FROM STDIN WITH (FORMAT csv);
c1,b1,ann,0.3333
c2,b2,ann,0.4
c3,b1,bob,0.3333
c4,b2,bob,0.6
c5,b1,cleo,0.3333
c6,b3,cleo,1
c7,b4,ann,0.5
c8,b4,bop,0.5
\.
SELECT * FROM merge_table('sales', 'booking_credit');
DELETE FROM pg_temp.staged_booking_credit WHERE code = 'c8';
SELECT * FROM merge_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c8', 'b4', 'bop', '0.5');
SELECT * FROM merge_table('sales', 'booking_credit', partial => true);
-- a share that is changed or moved, with and without the other that makes up for it
SELECT stage_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c2', 'b2', 'ann', '0.5');
SELECT * FROM merge_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c4', 'b2', 'bob', '0.5');
SELECT * FROM merge_table('sales', 'booking_credit');
SELECT stage_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c6', 'b4', 'cleo', '0.5');
SELECT * FROM merge_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c7', 'b4', 'ann', '0.5');
SELECT * FROM merge_table('sales', 'booking_credit');
SELECT b.code, string_agg(p.code || ' ' || c.share, ', ' ORDER BY p.code), b.is_split
FROM sales.booking AS b LEFT JOIN sales.booking_credit AS c USING (booking_id) LEFT JOIN sales.person AS p ON p.person_id = c.person_id GROUP BY b.booking_id ORDER BY 1;
-- outside of a load they may still be set one after the other
BEGIN;
DELETE FROM sales.booking_credit WHERE code = 'c2';
SELECT stage_table('sales', 'booking_credit');
INSERT INTO pg_temp.staged_booking_credit (code, booking, person, share) VALUES ('c4', 'b2', 'bob', '1');
SELECT * FROM merge_table('sales', 'booking_credit');
UPDATE sales.booking_credit SET share = 0.9 WHERE code = 'c4';
UPDATE sales.booking_credit SET share = 1 WHERE code = 'c4';
COMMIT;

-- the same figure twice is two figures, and loaded again still two
COPY pg_temp.staged_actual (metric, person, day, value) FROM STDIN WITH (FORMAT csv);
calls,ann,2024-05-02,3
calls,ann,2024-05-02,3
calls,ann,2024-05-02,4
\.
SELECT * FROM merge_table('sales', 'actual');
SELECT * FROM merge_table('sales', 'actual');
INSERT INTO pg_temp.staged_actual (metric, person, day, value) VALUES ('calls', 'ann', '2024-05-02', '3.00');
SELECT * FROM merge_table('sales', 'actual');
SELECT value, count(*) FROM sales.actual GROUP BY value ORDER BY value;

-- deals with a state and no history: the opening state; times are of the book's zone
COPY pg_temp.staged_opportunity (code, pipeline, created_at, stage, amount, owner) FROM STDIN WITH (FORMAT csv);
d1,p,2024-01-02,contact,100,ann
d2,p,2024-01-03 08:30,proposal,200,bob
d3,p,2024-01-04 08:30+00,contact,300,bob
\.
SELECT * FROM merge_table('sales', 'opportunity');
SELECT * FROM merge_table('sales', 'opportunity');
SELECT o.code, h.changed_at AT TIME ZONE 'UTC' AS changed_at, h.seq, s.code AS stage, h.amount, p.code AS owner
FROM sales.opportunity_history AS h
JOIN sales.opportunity AS o USING (opportunity_id)
JOIN sales.stage AS s ON s.stage_id = h.stage_id
JOIN sales.person AS p ON p.person_id = h.owner_id
ORDER BY 1, 2;
SELECT stage_table('sales', 'opportunity');
COPY pg_temp.staged_opportunity (code, pipeline, created_at, stage, amount, owner, currency) FROM STDIN WITH (FORMAT csv);
d4,p,2024-01-02,contact,100,zoe,
d5,p,2024-01-02,contact,100,ann,EUR
d6,p,2024-01-02,contact,"1,000",ann,
d7,p,,contact,1000,ann,
\.
SELECT * FROM merge_table('sales', 'opportunity');
SELECT line, column_name, value, reason FROM merge_table('sales', 'opportunity', partial => true) WHERE action = 'refused';

-- the ledger: added or the same, never another
COPY pg_temp.staged_opportunity_change (opportunity, changed_at, seq, stage, amount, owner) FROM STDIN WITH (FORMAT csv);
d1,2024-01-02,1001,contact,100,ann
d1,2024-02-01,1002,proposal,120,ann
d1,2024-03-01,1003,won,110,ann
\.
SELECT * FROM merge_table('sales', 'opportunity_change');
SELECT * FROM merge_table('sales', 'opportunity_change');
SELECT o.code, s.code AS stage, o.amount, o.change_seq FROM sales.opportunity AS o JOIN sales.stage AS s USING (stage_id) WHERE o.code = 'd1';
SELECT stage_table('sales', 'opportunity_change');
COPY pg_temp.staged_opportunity_change (opportunity, changed_at, seq, stage, amount, owner) FROM STDIN WITH (FORMAT csv);
d1,2024-02-01,1002,proposal,125,ann
d1,2024-04-01,,won,110,ann
\.
SELECT * FROM merge_table('sales', 'opportunity_change');
SELECT line, column_name, value, reason FROM merge_table('sales', 'opportunity_change', partial => true) WHERE action = 'refused';
-- a correction without a seq of its own comes after those that were given
SELECT stage_table('sales', 'opportunity_change');
COPY pg_temp.staged_opportunity_change (opportunity, changed_at, stage, amount, owner, corrects) FROM STDIN WITH (FORMAT csv);
d1,2024-02-01,proposal,125,ann,1002
d1,2024-02-02,proposal,125,ann,1002
\.
SELECT * FROM merge_table('sales', 'opportunity_change', partial => true);
SELECT * FROM merge_table('sales', 'opportunity_change', partial => true);
SELECT h.place, h.seq > 1003 AS corrected, h.amount
FROM sales.opportunity_history AS h JOIN sales.opportunity AS o USING (opportunity_id) WHERE o.code = 'd1' ORDER BY h.changed_at;

-- other append-only tables
COPY pg_temp.staged_plan (code, kind, person, during) FROM STDIN WITH (FORMAT csv);
q,quota,ann,"[2024-01-01,2025-01-01)"
t,territory,ann,"[2024-01-01,2025-01-01)"
\.
SELECT line, column_name, reason FROM merge_table('sales', 'plan', partial => true) WHERE action = 'refused';
COPY pg_temp.staged_plan_target (code, plan, metric, during, target) FROM STDIN WITH (FORMAT csv);
t1,q,calls,"[2024-01-01,2024-04-01)",100
\.
SELECT * FROM merge_table('sales', 'plan_target');
SELECT * FROM merge_table('sales', 'plan_target');
UPDATE pg_temp.staged_plan_target SET target = '90';
SELECT * FROM merge_table('sales', 'plan_target');
UPDATE pg_temp.staged_plan_target SET code = 't2';
SELECT * FROM merge_table('sales', 'plan_target');

-- another currency than the book's
INSERT INTO pg_temp.staged_currency (code) VALUES ('USD'), ('EUR');
SELECT * FROM merge_table('sales', 'currency');

-- tables and columns of the user's own: a text that is too long is refused, not cut
CREATE TABLE sales.visit (visit_id int GENERATED ALWAYS AS IDENTITY, person_id bigint REFERENCES sales.person, room varchar(3), floor char(2), fee numeric(6,2));
SELECT stage_table('sales', 'visit');
ALTER TABLE sales.visit ADD PRIMARY KEY (visit_id);
SELECT stage_table('sales', 'visit');
COPY pg_temp.staged_visit (person, room, floor, fee) FROM STDIN WITH (FORMAT csv);
ann,101,1,9.99
bob,1001,1,9.99
bob,102,001,9.99
bob,103,2,9.999
\.
SELECT * FROM merge_table('sales', 'visit', partial => true);
SELECT action, rows FROM merge_table('sales', 'visit', partial => true) WHERE action <> 'refused';
SELECT room, floor, fee FROM sales.visit ORDER BY room;

-- a session that quotes all names reads the same
SET quote_all_identifiers = on;
SELECT stage_table('sales', 'absence');
INSERT INTO pg_temp.staged_absence (person, during, kind) VALUES ('ann', 'May', 'leave');
SELECT * FROM merge_table('sales', 'absence', partial => true) WHERE action = 'refused';
RESET quote_all_identifiers;

-- what a trigger or a policy keeps back is not called loaded
CREATE FUNCTION sales.keep_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.room = '999' THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_back BEFORE INSERT OR UPDATE ON sales.visit FOR EACH ROW EXECUTE FUNCTION sales.keep_back();
ALTER TABLE sales.visit ADD COLUMN code text UNIQUE;
SELECT stage_table('sales', 'visit');
COPY pg_temp.staged_visit (code, room) FROM STDIN WITH (FORMAT csv);
v1,301
v2,999
v3,303
\.
SELECT * FROM merge_table('sales', 'visit');
SELECT * FROM merge_table('sales', 'visit', partial => true);
UPDATE pg_temp.staged_visit SET room = CASE code WHEN 'v1' THEN '999' WHEN 'v2' THEN '302' ELSE '304' END;
SELECT * FROM merge_table('sales', 'visit', partial => true);
SELECT code, room FROM sales.visit WHERE code IS NOT NULL ORDER BY code;
DROP TRIGGER keep_back ON sales.visit;
CREATE ROLE visitor;
GRANT USAGE ON SCHEMA sales TO visitor;
GRANT SELECT ON sales.setting, sales.book_version, sales.person TO visitor;
GRANT SELECT, INSERT, UPDATE ON sales.visit TO visitor;
ALTER TABLE sales.visit ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON sales.visit FOR SELECT USING (true);
CREATE POLICY changed ON sales.visit FOR UPDATE USING (code <> 'v1');
DISCARD TEMP;
SET ROLE visitor;
SELECT stage_table('sales', 'visit');
INSERT INTO pg_temp.staged_visit (code, room) VALUES ('v1', '401'), ('v2', '402');
SELECT * FROM merge_table('sales', 'visit', partial => true);
RESET ROLE;
SELECT code, room FROM sales.visit WHERE code IS NOT NULL ORDER BY code;
ALTER TABLE sales.visit DISABLE ROW LEVEL SECURITY;
DISCARD TEMP;
DROP OWNED BY visitor;
DROP ROLE visitor;

-- who may not write into the book is told so by the server
CREATE ROLE visitor;
SET ROLE visitor;
SELECT stage_table('sales', 'pipeline');
RESET ROLE;
-- who is not the owner loads with the rights of doc/load.md, and no others
GRANT USAGE ON SCHEMA sales TO visitor;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA sales TO visitor;
GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA sales TO visitor;
-- the temporary tables so far are not the visitor's
DISCARD TEMP;
SET ROLE visitor;
SELECT stage_table('sales', 'territory');
COPY pg_temp.staged_territory (code, name, parent) FROM STDIN WITH (FORMAT csv);
part,Part,whole
whole,Whole,
\.
SELECT * FROM merge_table('sales', 'territory');
SELECT stage_table('sales', 'opportunity_change');
COPY pg_temp.staged_opportunity_change (opportunity, changed_at, seq, stage, amount, owner) FROM STDIN WITH (FORMAT csv);
d2,2024-02-01,2001,proposal,200,ann
\.
SELECT * FROM merge_table('sales', 'opportunity_change');
SELECT stage_table('sales', 'reporting_line');
COPY pg_temp.staged_reporting_line (person, manager, during) FROM STDIN WITH (FORMAT csv);
ann,cleo,"[2020-01-01,2020-02-01)"
\.
SELECT * FROM merge_table('sales', 'reporting_line');
RESET ROLE;

DROP OWNED BY visitor;
DROP ROLE visitor;
DROP SCHEMA sales CASCADE;
