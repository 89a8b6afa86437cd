-- How results become a score: one weight and one band at a time, ratings from 1 to 4.
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
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (1, 'rep', 2, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (1, 'rep', 3, '[2017-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (1, 'manager', 3, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (1, 'rep', 1, '[2016-12-31,2017-01-02)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (2, 'rep', 0, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', -1, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', 'NaN', '[2016-01-01,)')$$);
-- a number with which no report could reckon stops none, as it is not there
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', 1e400, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', 1e-400, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', 1e15, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'rep', 'Infinity', '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO kpi_weight (metric_id, role, weight, during) VALUES (3, 'boss', 1, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (2, 'Below', 60, '[2016-01-01,)'), (3, 'Met', 90, '[2016-01-01,)'), (4, 'Exceeded', 110, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (2, 'Below', 50, '[2017-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (2, 'Below', 50, '(,2016-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (1, 'Missed', 0, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (5, 'Star', 200, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (3, 'Met', -1, '[2015-01-01,2016-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (3, 'Met', 'NaN', '[2015-01-01,2016-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (3, 'Met', 'Infinity', '[2015-01-01,2016-01-01)')$$);
-- the bounds of one day ascend, or no score could be rated: 60, 90 and 110 are in force
SELECT pg_temp.refused($$UPDATE rating_band SET lower_bound = 90 WHERE rating = 2$$);
SELECT pg_temp.refused($$UPDATE rating_band SET lower_bound = 110.5 WHERE rating = 3$$);
SELECT pg_temp.refused($$UPDATE rating_band SET lower_bound = 50 WHERE rating = 4$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (4, 'Exceeded', 100, '[2014-01-01,2014-07-01)'), (3, 'Met', 110, '[2014-06-30,2015-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO rating_band (rating, name, lower_bound, during) VALUES (4, 'Exceeded', 100, '[2014-01-01,2014-07-01)'), (3, 'Met', 110, '[2014-07-01,2015-01-01)')$$);
-- they go up from the top down
SELECT pg_temp.refused($$UPDATE rating_band SET lower_bound = 120 WHERE rating = 4 AND lower_bound = 110; UPDATE rating_band SET lower_bound = 115 WHERE rating = 3 AND lower_bound = 90$$);
-- or all of them in one statement, in whatever order it comes to them
UPDATE rating_band SET lower_bound = lower_bound * 2;
UPDATE rating_band SET lower_bound = lower_bound / 2;
SELECT rating, lower_bound, during FROM rating_band ORDER BY lower(during), rating;
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 95.5, 3, 0.4, 10)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, NULL, '[2016-01-01,2016-04-01)', NULL, 2, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 95, 0, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 95, 5, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 'NaN', 3, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', -1, 3, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 1, 3, 1.1, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 1, 3, 'NaN', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,2016-04-01)', 1, 3, 1, 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO rating (person_id, rated_by, during, score, rating, prior_rate, prior_n) VALUES (1, 2, '[2016-01-01,)', 1, 3, 1, 1)$$);
DROP SCHEMA rules CASCADE;
