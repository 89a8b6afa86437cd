-- To whom it is sold: amounts are finite and exact, owners and standings one at a time.
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
INSERT INTO account (code, name) VALUES ('acme', 'Acme'), ('nil', 'Nil');
INSERT INTO product (code, name) VALUES ('loan', 'Loan');
-- an amount
SELECT pg_temp.refused('SELECT ''NaN''::amount');
SELECT pg_temp.refused('SELECT ''Infinity''::amount');
SELECT pg_temp.refused('SELECT ''-Infinity''::amount');
SELECT pg_temp.refused('SELECT ''1.00001''::amount');
SELECT pg_temp.refused('SELECT ''0.00009''::amount');
SELECT pg_temp.refused('SELECT ''1.00000''::amount');
SELECT pg_temp.refused('SELECT ''-12.3456''::amount');
SELECT pg_temp.refused('SELECT ''999999999999999.9999''::amount');
SELECT pg_temp.refused('SELECT ''1e15''::amount');
SELECT pg_temp.refused('SELECT ''-1e15''::amount');
SELECT '999999999999999.9999'::amount::numeric(20,4), '-999999999999999.9999'::amount::numeric(20,4);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 2, 'NaN', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 2, 10, 'Infinity')$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 'NaN', 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, '-Infinity', 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', 'infinity', 1, 1, 1, 2, 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 9, 1, 1, 2, 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 2, 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 2, 10, 1)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('2', '2016-01-02', 1, 1, 1, -1, -5, -0.5)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('3', '2016-01-02', NULL, NULL, NULL, NULL, 5, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, amount, currency) VALUES ('4', '2016-01-02', 5, 'EUR')$$);
SELECT pg_temp.refused($$INSERT INTO booking (code, booked_on, amount, currency) VALUES ('4', '2016-01-02', 5, 'USD')$$);
SELECT sum(amount), sum(margin), count(*) FROM booking;
-- the same file again, corrected
INSERT INTO booking (code, booked_on, account_id, person_id, product_id, quantity, amount, margin) VALUES ('1', '2016-01-01', 1, 1, 1, 2, 11, 1), ('5', '2016-01-05', 1, 1, 1, 1, 1, 1)
ON CONFLICT (code) DO UPDATE SET amount = EXCLUDED.amount;
SELECT sum(amount), count(*) FROM booking;
-- one owner and one standing at a time
INSERT INTO account_owner (account_id, person_id, during) VALUES (1, 1, '[2016-01-01,2016-07-01)'), (1, 2, '[2016-07-01,)'), (2, 1, '[2016-01-01,)');
INSERT INTO account_standing (account_id, during, priority) VALUES (1, '[2016-01-01,2016-07-01)', 'B'), (1, '[2016-07-01,)', 'A');
SELECT pg_temp.refused($$INSERT INTO account_owner (account_id, person_id, during) VALUES (1, 2, '[2016-06-30,2016-07-01)')$$);
SELECT pg_temp.refused($$INSERT INTO account_owner (account_id, person_id, during) VALUES (2, 2, '(,2016-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO account_standing (account_id, during, priority) VALUES (1, '[2016-06-01,2016-08-01)', 'C')$$);
SELECT pg_temp.refused($$INSERT INTO account_standing (account_id, during, priority) VALUES (2, '[2016-06-01,2016-08-01)', 'E')$$);
SELECT pg_temp.refused($$UPDATE account SET client_since = '2016-06-01', client_until = '2016-05-31' WHERE code = 'acme'$$);
SELECT pg_temp.refused($$UPDATE account SET client_since = '2016-06-01', client_until = '2016-06-01' WHERE code = 'acme'$$);
SELECT pg_temp.refused($$UPDATE account SET prospect_since = '-infinity'$$);
SELECT pg_temp.refused($$INSERT INTO account (code, name) VALUES ('acme', 'Acme again')$$);
SELECT pg_temp.refused($$INSERT INTO product (code, name, list_price) VALUES ('x', 'X', 'NaN')$$);
SELECT pg_temp.refused($$DELETE FROM account WHERE code = 'acme'$$);
DROP SCHEMA rules CASCADE;
