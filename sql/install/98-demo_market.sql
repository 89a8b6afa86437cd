-- The clients, products and bookings of a demo book, and its deals as rows of the tables.

CREATE FUNCTION salesmgmt.demo_account_code(seat int, account int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'C' || lpad((seat * 20 + account)::text, 5, '0')
$$;
COMMENT ON FUNCTION salesmgmt.demo_account_code(int, int) IS 'Code of an account in a demo book, from the seat it belongs to and its number there';

CREATE FUNCTION salesmgmt.demo_market(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
  middle CONSTANT date := first_day + months * 15;
  heirs CONSTANT text[] := salesmgmt.demo_heirs(seed, reps, months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO segment (code, name, ideal_profile, value_proposition) VALUES
    ('small', 'Small companies', 'Up to 50 people, owner decides', 'One person who answers within a day'),
    ('mid', 'Mid-sized companies', '50 to 500 people, a head of finance', 'Credit and cash management from one hand'),
    ('practice', 'Professional practices', 'Doctors, lawyers and tax advisers with staff', 'Knows the economics of a practice'),
    ('wealthy', 'Wealthy households', 'More than 500,000 to invest', 'Deposits and property finance together');

  INSERT INTO product (code, name, family, introduced_on, list_price) VALUES
    ('term-loan', 'Term loan', 'Loans', first_day - 4000, NULL),
    ('credit-line', 'Credit line', 'Loans', first_day - 4000, NULL),
    ('equipment-loan', 'Equipment loan', 'Loans', first_day - 2000, NULL),
    ('mortgage', 'Commercial mortgage', 'Loans', first_day - 4000, NULL),
    ('time-deposit', 'Time deposit', 'Deposits', first_day - 4000, NULL),
    ('operating', 'Operating account', 'Deposits', first_day - 4000, NULL),
    ('money-market', 'Money market account', 'Deposits', first_day - 1500, NULL),
    ('sweep', 'Sweep account', 'Deposits', middle, NULL);

  -- A hunter's seat has many prospects, a farmer's many clients; a prospect
  -- becomes a client on the day of the first deal won.
  INSERT INTO account (code, name, segment_id, territory_id, prospect_since, client_since, client_until)
  SELECT demo_account_code(a.seat, a.i),
    (ARRAY['Alder', 'Birch', 'Cedar', 'Copper', 'Crown', 'Delta', 'Eagle', 'Falcon', 'Granite', 'Harbour', 'Iron', 'Juniper',
      'Keystone', 'Lakeside', 'Maple', 'Northgate', 'Orchard', 'Pioneer', 'Quarry', 'River', 'Summit', 'Thistle', 'Valley'])[1 + a.number % 23]
    || ' ' ||
    (ARRAY['Bakery', 'Builders', 'Catering', 'Clinic', 'Dental', 'Design', 'Electric', 'Engineering', 'Farms', 'Foods', 'Freight',
      'Furniture', 'Garage', 'Glass', 'Hotels', 'Joinery', 'Law', 'Logistics', 'Machining', 'Medical', 'Optics', 'Packaging',
      'Pharmacy', 'Printing', 'Roofing', 'Software', 'Textiles', 'Tools', 'Travel'])[1 + a.number % 29]
    || (ARRAY[' & Sons', ' Group', ' Ltd', '', ' Partners', ' Works', ' & Co'])[1 + a.number % 7],
    s.segment_id, t.territory_id,
    CASE WHEN NOT a.client THEN least(d.first_created, first_day - floor(300 * demo_random(seed, 'met ' || a.number))::int) END,
    CASE WHEN a.client THEN first_day - 150 - floor(3000 * demo_random(seed, 'client ' || a.number))::int ELSE d.first_won END,
    -- a few clients leave, months after their last deal
    CASE WHEN (a.client OR d.first_won IS NOT NULL) AND d.last_closed < until - 100
      AND demo_random(seed, 'leaves ' || a.number) < 0.3 THEN d.last_closed + 60 END
  FROM (
    SELECT c.seat, i, c.seat * 20 + i AS number, c.role, c.manager, c.code,
      c.role = 'manager' OR i <= CASE c.specialty WHEN 'hunter' THEN 7 ELSE 15 END AS client
    FROM demo_cast(seed, reps, months, until) AS c
    CROSS JOIN LATERAL generate_series(1, CASE c.role WHEN 'rep' THEN 20 ELSE 7 END) AS i
    WHERE c.seat = c.ordinal OR c.role = 'manager' AND c.seat IS NOT NULL
  ) AS a
  JOIN segment AS s ON s.code = (ARRAY['small', 'mid', 'practice', 'wealthy'])[1 + floor(4 * demo_random(seed, 'segment ' || a.number))::int]
  JOIN territory AS t ON t.code = CASE a.role WHEN 'rep' THEN 'district-' || a.seat ELSE replace(a.code, 'mgr', 'region') END
  LEFT JOIN (
    SELECT seat, account, min(created_on) AS first_created,
      min(closed_on) FILTER (WHERE won AND closed_on < until) AS first_won, max(closed_on) AS last_closed
    FROM demo_deal(seed, reps, months, until)
    GROUP BY seat, account
  ) AS d ON d.seat = a.seat AND d.account = a.i
  ORDER BY a.number;

  -- Clients are looked at again in the middle: some have gained in importance, some have lost.
  INSERT INTO account_standing (code, account_id, during, priority, criterion, must_keep, must_grow, high_value)
  SELECT 'standing-' || a.code || '-' || half.place, a.account_id, half.during,
    CASE WHEN rank.worth < 0.2 THEN 'A' WHEN rank.worth < 0.5 THEN 'B' WHEN rank.worth < 0.85 THEN 'C' ELSE 'D' END,
    CASE WHEN rank.client THEN 'balances' ELSE 'potential' END,
    rank.client AND rank.worth < 0.2,
    rank.client AND rank.worth BETWEEN 0.1 AND 0.35,
    rank.client AND rank.worth < 0.2
  FROM account AS a
  CROSS JOIN (VALUES (1, daterange(NULL, middle)), (2, daterange(middle, NULL))) AS half (place, during)
  CROSS JOIN LATERAL (
    SELECT demo_random(seed, 'worth ' || a.code)
        + CASE half.place WHEN 1 THEN 0 ELSE 0.1 * (demo_random(seed, 'worth again ' || a.code) - 0.5) END AS worth,
      coalesce(a.client_since <= coalesce(lower(half.during), first_day), false) AS client
  ) AS rank
  ORDER BY a.account_id, half.place;

  INSERT INTO account_owner (code, account_id, person_id, during, reason)
  SELECT 'owner-' || a.code || '-' || stretch.place, a.account_id, p.person_id, stretch.during, stretch.reason
  FROM demo_cast(seed, reps, months, until) AS c
  CROSS JOIN LATERAL generate_series(1, 20) AS i
  JOIN account AS a ON a.code = demo_account_code(c.seat, i)
  CROSS JOIN LATERAL (
    SELECT 1 AS place, c.code AS person, daterange(c.joined, c.left_on) AS during,
      CASE c.role WHEN 'manager' THEN 'kept from the time as a rep' END AS reason
    WHERE c.ordinal <> reps
    UNION ALL
    -- the seat of the one who left: colleagues until the successor comes
    SELECT 2, heirs[1 + i % 3], daterange(vacated.left_on, c.joined), 'until the seat is filled'
    FROM demo_cast(seed, reps, months, until) AS vacated
    WHERE c.ordinal = reps AND vacated.ordinal = reps - 1
    UNION ALL
    SELECT 3, c.code, daterange(c.joined, NULL), 'took over the seat'
    WHERE c.ordinal = reps
  ) AS stretch
  JOIN person AS p ON p.code = stretch.person
  ORDER BY a.account_id, stretch.place;

  RAISE NOTICE '%: % accounts, % products', book, (SELECT count(*) FROM account), (SELECT count(*) FROM product);
END $$;
COMMENT ON FUNCTION salesmgmt.demo_market(text, int, int, int, date) IS
'Fills segments, products and accounts of a demo book; create_demo_book() calls it';

CREATE FUNCTION salesmgmt.demo_pipeline(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
  middle CONSTANT date := first_day + months * 15;
  midnight CONSTANT timestamptz := until::timestamp AT TIME ZONE 'UTC';
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO pipeline (code, name) VALUES ('commercial', 'Commercial clients');
  INSERT INTO stage (code, pipeline_id, name, position, outcome)
  SELECT s.code, p.pipeline_id, s.name, s.place, s.outcome
  FROM (VALUES
    ('lead', 'Lead', 10, 'open'),
    ('discovery', 'Discovery', 20, 'open'),
    ('proposal', 'Proposal', 30, 'open'),
    ('negotiation', 'Negotiation', 40, 'open'),
    ('won', 'Won', 50, 'won'),
    ('lost', 'Lost to another bank', 60, 'lost'),
    ('no_decision', 'No decision', 70, 'lost')) AS s (code, name, place, outcome)
  CROSS JOIN pipeline AS p
  ORDER BY s.place;
  INSERT INTO stage_rule (code, stage_id, during, probability, limit_days)
  SELECT 'rule-' || r.stage || '-' || r.version, s.stage_id, r.during, r.probability, r.limit_days
  FROM (VALUES
    ('lead', 1, daterange(NULL, NULL), 0.10, 45),
    ('discovery', 1, daterange(NULL, NULL), 0.25, 45),
    ('proposal', 1, daterange(NULL, middle), 0.60, 60),
    -- looked at again: proposals were held too likely
    ('proposal', 2, daterange(middle, NULL), 0.50, 45),
    ('negotiation', 1, daterange(NULL, NULL), 0.75, 40),
    ('won', 1, daterange(NULL, NULL), 1, NULL),
    ('lost', 1, daterange(NULL, NULL), 0, NULL),
    ('no_decision', 1, daterange(NULL, NULL), 0, NULL)) AS r (stage, version, during, probability, limit_days)
  JOIN stage AS s ON s.code = r.stage
  ORDER BY s.position, r.version;

  INSERT INTO opportunity (code, name, account_id, pipeline_id, product_id, kind, source, created_at)
  SELECT d.code, item.name || ' for ' || a.name, a.account_id, p.pipeline_id, item.product_id,
    CASE
      WHEN a.client_since IS NULL OR a.client_since >= d.created_on THEN 'new'
      WHEN d.variant % 4 = 0 THEN 'renewal'
      ELSE 'existing'
    END,
    d.source, first_change.changed_at
  FROM demo_deal(seed, reps, months, until) AS d
  JOIN demo_change(seed, reps, months, until) AS first_change ON first_change.code = d.code AND first_change.place = 1
  JOIN account AS a ON a.code = demo_account_code(d.seat, d.account)
  CROSS JOIN pipeline AS p
  JOIN product AS item ON item.code = (ARRAY['term-loan', 'credit-line', 'equipment-loan', 'mortgage',
    'time-deposit', 'operating', 'money-market', CASE WHEN d.created_on < middle THEN 'time-deposit' ELSE 'sweep' END])[d.product]
  ORDER BY first_change.changed_at, d.code COLLATE "C";

  -- The ledger; the present state of the deals follows by its trigger.
  INSERT INTO opportunity_change (opportunity_id, changed_at, recorded_at, stage_id, amount, expected_close, owner_id,
    forecast_category, lost_reason, competitor)
  SELECT o.opportunity_id, e.changed_at,
    least(e.changed_at + make_interval(mins => floor(1200 * demo_random(seed, 'entered ' || e.code || e.place))::int), midnight),
    s.stage_id, coalesce(e.wrong_amount, e.amount), e.expected_close, p.person_id,
    e.forecast_category, e.lost_reason, e.competitor
  FROM demo_change(seed, reps, months, until) AS e
  JOIN opportunity AS o ON o.code = e.code
  JOIN stage AS s ON s.code = e.stage
  JOIN person AS p ON p.code = e.owner
  ORDER BY e.changed_at, e.code COLLATE "C", e.place;
  INSERT INTO opportunity_change (opportunity_id, changed_at, recorded_at, stage_id, amount, expected_close, owner_id,
    forecast_category, lost_reason, competitor, corrects)
  SELECT wrong.opportunity_id, wrong.changed_at, least(wrong.recorded_at + interval '1 day', midnight),
    wrong.stage_id, e.amount, wrong.expected_close, wrong.owner_id,
    wrong.forecast_category, wrong.lost_reason, wrong.competitor, wrong.seq
  FROM demo_change(seed, reps, months, until) AS e
  JOIN opportunity AS o ON o.code = e.code
  JOIN stage AS s ON s.code = e.stage
  JOIN opportunity_change AS wrong
    ON wrong.opportunity_id = o.opportunity_id
    AND wrong.changed_at = e.changed_at
    AND wrong.stage_id = s.stage_id
    AND wrong.amount = e.wrong_amount
  ORDER BY wrong.seq;
  RAISE NOTICE '%: % deals, % changes', book, (SELECT count(*) FROM opportunity), (SELECT count(*) FROM opportunity_change);

  -- What was won is booked; deposits are renewed without a deal, and some business comes by itself.
  INSERT INTO booking (code, booked_on, account_id, person_id, product_id, territory_id, quantity, amount, margin)
  SELECT b.code, b.booked_on, a.account_id, p.person_id, item.product_id, a.territory_id, 1, b.amount,
    round(b.amount * (0.015 + 0.015 * demo_random(seed, 'margin ' || b.code))::numeric, 2)
  FROM (
    SELECT 'renewal-' || c.code || to_char(month.day::timestamp, '-YYYY-MM') AS code,
      month.day + floor(25 * demo_random(seed, 'renewal day ' || c.code || n))::int AS booked_on,
      demo_account_code(c.seat, 1 + floor(7 * demo_random(seed, 'renewal of ' || c.code || n))::int) AS account,
      -- every tenth renews at the counter
      CASE WHEN demo_random(seed, 'counter ' || c.code || n) >= 0.1 THEN c.code END AS person,
      'time-deposit' AS product,
      500 * round(demo_capacity() * 0.04 * c.size * demo_growth(month.day, first_day)
        * (0.8 + 0.4 * demo_random(seed, 'renewal ' || c.code || n)) / 500)::numeric AS amount
    FROM demo_cast(seed, reps, months, until) AS c
    CROSS JOIN generate_series(0, months) AS n
    CROSS JOIN LATERAL (SELECT (first_day::timestamp + make_interval(months => n))::date AS day) AS month
    WHERE c.role = 'rep' AND month.day >= c.joined AND month.day + 31 < coalesce(c.left_on, 'infinity')
    UNION ALL
    SELECT 'won-' || o.code, (o.changed_at AT TIME ZONE 'UTC')::date, a.code, p.code, item.code, o.amount
    FROM opportunity AS o
    JOIN stage AS s ON s.stage_id = o.stage_id AND s.outcome = 'won'
    JOIN account AS a USING (account_id)
    JOIN person AS p ON p.person_id = o.owner_id
    JOIN product AS item ON item.product_id = o.product_id
  ) AS b
  JOIN account AS a ON a.code = b.account
  LEFT JOIN person AS p ON p.code = b.person
  JOIN product AS item ON item.code = b.product
  WHERE b.booked_on < until
  ORDER BY b.booked_on, b.code COLLATE "C";
  UPDATE booking
  SET opportunity_id = o.opportunity_id
  FROM opportunity AS o
  WHERE booking.code = 'won-' || o.code;
  -- Some deals were won together: a colleague of the same team has a quarter.
  INSERT INTO booking_credit (code, booking_id, person_id, share, reason)
  SELECT b.code || '-' || part.place, b.booking_id, part.person_id, part.share, part.reason
  FROM booking AS b
  JOIN reporting_line AS line ON line.person_id = b.person_id AND line.during @> b.booked_on
  CROSS JOIN LATERAL (
    SELECT mate.person_id
    FROM reporting_line AS mate
    JOIN employment AS job ON job.person_id = mate.person_id AND job.role = 'rep' AND job.during @> b.booked_on
    JOIN person AS p ON p.person_id = mate.person_id
    WHERE mate.manager_id = line.manager_id AND mate.during @> b.booked_on AND mate.person_id <> b.person_id
    ORDER BY demo_random(seed, 'mate ' || b.code || p.code)
    LIMIT 1
  ) AS mate
  CROSS JOIN LATERAL (VALUES
    (1, b.person_id, 0.75, NULL),
    (2, mate.person_id, 0.25, 'brought the contact')) AS part (place, person_id, share, reason)
  WHERE b.opportunity_id IS NOT NULL AND demo_random(seed, 'shared ' || b.code) < 0.06
  ORDER BY b.booking_id, part.place;
  RAISE NOTICE '%: % bookings, % split', book, (SELECT count(*) FROM booking), (SELECT count(*) FROM booking WHERE is_split);

  ANALYZE person, employment, account, account_owner, opportunity, opportunity_change, booking, booking_credit;
END $$;
COMMENT ON FUNCTION salesmgmt.demo_pipeline(text, int, int, int, date) IS
'Fills deals, their ledger and the bookings of a demo book; create_demo_book() calls it';

CREATE FUNCTION salesmgmt.demo_balance(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  -- At the end of each month, the one before the first included.  All clients
  -- have a deposit and most a loan; some take the loan later, some repay it.
  -- The more important the client, the more it holds; on average it is 10 % more a year.
  INSERT INTO balance (code, account_id, product_id, day, balance)
  SELECT 'balance-' || a.code || '-' || item.code || to_char(month.day::timestamp, '-YYYY-MM'),
    a.account_id, item.product_id, month.day,
    CASE
      WHEN month.n >= kind.until_month OR a.client_until <= month.day THEN 0
      ELSE 100 * round(held.size * greatest(0.1, 1 + held.growth * month.n / 12.0)
        * (0.98 + 0.04 * demo_random(seed, 'balance ' || a.code || item.code || month.n)))::numeric
    END
  FROM account AS a
  CROSS JOIN LATERAL (
    SELECT demo_random(seed, 'worth ' || a.code) AS worth, demo_random(seed, 'loan ' || a.code) AS loan,
      demo_random(seed, 'loan month ' || a.code) AS draw
  ) AS is_like
  CROSS JOIN LATERAL (
    VALUES
      (CASE WHEN is_like.draw < 0.6 THEN 'operating' ELSE 'time-deposit' END, 0, months + 1, 1.0),
      (CASE WHEN is_like.draw < 0.5 THEN 'term-loan' ELSE 'mortgage' END,
        CASE WHEN is_like.loan < 0.15 THEN 1 + floor(months * is_like.draw)::int ELSE 0 END,
        CASE WHEN is_like.loan BETWEEN 0.15 AND 0.25 THEN 1 + floor(months * is_like.draw)::int ELSE months + 1 END,
        CASE WHEN is_like.loan < 0.7 THEN 2.0 END)
  ) AS kind (product, from_month, until_month, times)
  JOIN product AS item ON item.code = kind.product
  CROSS JOIN LATERAL (
    SELECT kind.times * (200 + 9000 * (1 - is_like.worth) * (1 - is_like.worth) * (1 - is_like.worth)) AS size,
      -0.2 + 0.6 * demo_random(seed, 'growth ' || a.code || item.code) AS growth
  ) AS held
  CROSS JOIN LATERAL (
    SELECT n, (first_day::timestamp + make_interval(months => n))::date - 1 AS day
    FROM generate_series(kind.from_month, least(months, kind.until_month)) AS n
  ) AS month
  WHERE held.size IS NOT NULL
    AND month.day < until
    AND month.day >= a.client_since
    -- closed at the end of the month in which the client left
    AND (a.client_until > month.day - 31) IS NOT FALSE
  ORDER BY month.day, a.account_id, item.product_id;
  RAISE NOTICE '%: % balances', book, (SELECT count(*) FROM balance);

  ANALYZE balance;
END $$;
COMMENT ON FUNCTION salesmgmt.demo_balance(text, int, int, int, date) IS
'Fills what the clients of a demo book hold month by month; create_demo_book() calls it';
