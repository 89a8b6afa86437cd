-- What did each campaign bring, and each client who refers others?

-- A deal comes of one campaign, so that the campaigns add up: the one whose
-- response names it (the last, if several do), else the last one that its account
-- attended or enquired about in so many days before.
CREATE FUNCTION campaign_deal(as_of timestamptz, options jsonb) RETURNS TABLE (campaign_id bigint, opportunity_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT ON (came.opportunity_id) came.campaign_id, came.opportunity_id
  FROM (
    SELECT r.campaign_id, o.opportunity_id, true AS is_named, r.responded_at, r.campaign_response_id
    FROM campaign_response AS r
    JOIN opportunity AS o ON o.opportunity_id = r.opportunity_id
    WHERE r.responded_at <= as_of
      AND o.created_at <= as_of
    UNION ALL
    SELECT r.campaign_id, o.opportunity_id, false, r.responded_at, r.campaign_response_id
    FROM campaign_response AS r
    JOIN opportunity AS o ON o.account_id = r.account_id
    WHERE r.kind IN ('attended', 'enquired')
      AND r.responded_at <= as_of
      AND o.created_at <= as_of
      AND book_date(o.created_at, options) - book_date(r.responded_at, options)
        BETWEEN 0 AND (options ->> 'campaign_deal_days')::numeric
  ) AS came
  ORDER BY came.opportunity_id, came.is_named DESC, came.responded_at DESC, came.campaign_response_id DESC;
END;
COMMENT ON FUNCTION campaign_deal(timestamptz, jsonb) IS
'The deals opened by as_of that came of a campaign, each of one: as a response says, or within setting campaign_deal_days after the account attended or enquired; options as settings() gives them';

-- An account is met for the first time where it first takes part, if nothing says
-- that it was known before that campaign reached it.
CREATE FUNCTION campaign_met(as_of timestamptz, options jsonb) RETURNS TABLE (campaign_response_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH first_part AS MATERIALIZED (
    SELECT DISTINCT ON (part.account_id) part.account_id, part.campaign_response_id, book_date(reached.at, options) AS day
    FROM campaign_response AS part
    JOIN LATERAL (
      SELECT min(r.responded_at)
      FROM campaign_response AS r
      WHERE r.campaign_id = part.campaign_id AND r.account_id = part.account_id
    ) AS reached (at) ON true
    WHERE part.kind IN ('attended', 'enquired') AND part.responded_at <= as_of
    ORDER BY part.account_id, part.responded_at, part.campaign_response_id
  )
  SELECT first_part.campaign_response_id
  FROM first_part
  JOIN account AS a ON a.account_id = first_part.account_id
  WHERE (least(a.prospect_since, a.client_since) < first_part.day) IS NOT TRUE
    AND NOT EXISTS (
      SELECT
      FROM opportunity AS o
      WHERE o.account_id = first_part.account_id
        AND o.created_at < book_midnight(first_part.day, options))
    AND NOT EXISTS (
      SELECT
      FROM activity AS done
      WHERE done.account_id = first_part.account_id
        AND done.held_at < book_midnight(first_part.day, options));
END;
COMMENT ON FUNCTION campaign_met(timestamptz, jsonb) IS
'The responses with which an account was met for the first time: its first attendance or enquiry, with no approach, deal or activity before the campaign reached it; options as settings() gives them';

CREATE FUNCTION campaign_return_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (campaign text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    -- a campaign is not judged by its large deals alone
    SELECT given.options || '{"win_rate_min_amount": 0}' AS options, book_date(campaign_return_evidence.as_of, given.options) AS today
    FROM settings(campaign_return_evidence.options, campaign_return_evidence.as_of) AS given (options)
  ),
  asked AS MATERIALIZED (
    SELECT c.campaign_id, c.code, c.during, c.cost
    FROM chosen
    CROSS JOIN campaign AS c
    WHERE (campaign_return_evidence.during IS NULL OR c.during && campaign_return_evidence.during)
      AND (campaign_return_evidence.person IS NULL
        OR c.person_id IN (
          SELECT who.person_id
          FROM chosen AS given
          CROSS JOIN LATERAL report_on(campaign_return_evidence.person, given.today) AS who))
  ),
  met AS MATERIALIZED (
    SELECT m.campaign_response_id
    FROM chosen
    CROSS JOIN LATERAL campaign_met(campaign_return_evidence.as_of, chosen.options) AS m
  ),
  closed AS MATERIALIZED (
    SELECT d.opportunity_id, d.won, d.closed_on, d.amount
    FROM chosen
    CROSS JOIN LATERAL closed_deal(campaign_return_evidence.as_of, chosen.options) AS d
  ),
  response AS (
    SELECT asked.code AS campaign, r.kind, r.guests, coalesce(r.code, r.campaign_response_id::text) AS code, r.responded_at,
      met.campaign_response_id IS NOT NULL AS is_new
    FROM asked
    JOIN campaign_response AS r
      ON r.campaign_id = asked.campaign_id
      AND r.responded_at <= campaign_return_evidence.as_of
    LEFT JOIN met ON met.campaign_response_id = r.campaign_response_id
  ),
  deal AS MATERIALIZED (
    SELECT asked.code AS campaign, o.opportunity_id, o.code, o.created_at, closed.won, closed.closed_on, closed.amount
    FROM chosen
    CROSS JOIN LATERAL campaign_deal(campaign_return_evidence.as_of, chosen.options) AS came
    JOIN asked ON asked.campaign_id = came.campaign_id
    JOIN opportunity AS o ON o.opportunity_id = came.opportunity_id
    LEFT JOIN closed ON closed.opportunity_id = o.opportunity_id
  ),
  won_booking AS MATERIALIZED (
    SELECT deal.campaign, deal.opportunity_id, b.code, b.booked_on, b.margin
    FROM chosen
    CROSS JOIN deal
    JOIN booking AS b ON b.opportunity_id = deal.opportunity_id AND b.booked_on <= chosen.today
    WHERE deal.won AND b.margin IS NOT NULL
  )
  SELECT response.campaign, counted.figure, 'campaign_response', response.code, response.responded_at, counted.value
  FROM response
  CROSS JOIN LATERAL (
    VALUES (response.kind, 1), ('attendees', CASE response.kind WHEN 'attended' THEN response.guests END),
      ('new_accounts', CASE WHEN response.is_new THEN 1 END)
  ) AS counted (figure, value)
  WHERE counted.value IS NOT NULL
  UNION ALL
  SELECT deal.campaign, counted.figure, 'opportunity', deal.code,
    CASE WHEN counted.figure IN ('deals', 'open_deals') THEN deal.created_at ELSE book_midnight(deal.closed_on, chosen.options) END,
    counted.value
  FROM chosen
  CROSS JOIN deal
  CROSS JOIN LATERAL (
    VALUES ('deals', 1), (CASE deal.won WHEN true THEN 'won' WHEN false THEN 'lost' ELSE 'open_deals' END, 1),
      ('won_amount', CASE WHEN deal.won THEN deal.amount END),
      ('won_without_margin', CASE WHEN deal.won AND deal.opportunity_id NOT IN (SELECT won_booking.opportunity_id FROM won_booking) THEN 1 END)
  ) AS counted (figure, value)
  WHERE counted.value IS NOT NULL
  UNION ALL
  SELECT won_booking.campaign, 'won_margin', 'booking', won_booking.code, book_midnight(won_booking.booked_on, chosen.options),
    won_booking.margin
  FROM chosen
  CROSS JOIN won_booking
  UNION ALL
  SELECT asked.code, 'cost', 'campaign', asked.code, book_midnight(lower(asked.during), chosen.options), asked.cost
  FROM chosen
  JOIN asked ON lower(asked.during) <= chosen.today AND asked.cost IS NOT NULL;
END;
COMMENT ON FUNCTION campaign_return_evidence(timestamptz, text, daterange, jsonb) IS
'The responses, deals and bookings that campaign_return counts';

CREATE FUNCTION campaign_return(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  campaign text, campaign_name text, kind text, person text, person_name text, segment text, starts_on date, ends_on date,
  invited int8, registered int8, declined int8, attended int8, attendees int8, enquired int8, new_accounts int8,
  deals int8, won int8, lost int8, open_deals int8, won_amount numeric, won_margin numeric, won_without_margin int8,
  budget numeric, cost numeric, return_rate float8, margin_return_rate float8,
  cost_per_attendee numeric, cost_per_deal numeric, cost_per_won numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH counted AS (
    SELECT e.campaign,
      count(*) FILTER (WHERE e.figure = 'invited') AS invited,
      count(*) FILTER (WHERE e.figure = 'registered') AS registered,
      count(*) FILTER (WHERE e.figure = 'declined') AS declined,
      count(*) FILTER (WHERE e.figure = 'attended') AS attended,
      coalesce(sum(e.value) FILTER (WHERE e.figure = 'attendees'), 0)::int8 AS attendees,
      count(*) FILTER (WHERE e.figure = 'enquired') AS enquired,
      count(*) FILTER (WHERE e.figure = 'new_accounts') AS new_accounts,
      count(*) FILTER (WHERE e.figure = 'deals') AS deals,
      count(*) FILTER (WHERE e.figure = 'won') AS won,
      count(*) FILTER (WHERE e.figure = 'lost') AS lost,
      count(*) FILTER (WHERE e.figure = 'open_deals') AS open_deals,
      coalesce(sum(e.value) FILTER (WHERE e.figure = 'won_amount'), 0) AS won_amount,
      coalesce(sum(e.value) FILTER (WHERE e.figure = 'won_margin'), 0) AS won_margin,
      count(*) FILTER (WHERE e.figure = 'won_without_margin') AS won_without_margin,
      sum(e.value) FILTER (WHERE e.figure = 'cost') AS cost
    FROM campaign_return_evidence(
      campaign_return.as_of, campaign_return.person, campaign_return.during, campaign_return.options) AS e
    GROUP BY e.campaign
  ),
  chosen AS MATERIALIZED (
    SELECT book_date(campaign_return.as_of, given.options) AS today
    FROM settings(campaign_return.options, campaign_return.as_of) AS given (options)
  )
  SELECT c.code, c.name, c.kind, boss.code, boss.name, s.code, lower(c.during), upper(c.during) - 1,
    coalesce(counted.invited, 0), coalesce(counted.registered, 0), coalesce(counted.declined, 0), coalesce(counted.attended, 0),
    coalesce(counted.attendees, 0), coalesce(counted.enquired, 0), coalesce(counted.new_accounts, 0),
    coalesce(counted.deals, 0), coalesce(counted.won, 0), coalesce(counted.lost, 0), coalesce(counted.open_deals, 0),
    coalesce(counted.won_amount, 0), coalesce(counted.won_margin, 0), coalesce(counted.won_without_margin, 0),
    c.budget::numeric, counted.cost,
    ((counted.won_amount - counted.cost) / nullif(counted.cost, 0))::float8,
    CASE WHEN counted.won_without_margin = 0 THEN ((counted.won_margin - counted.cost) / nullif(counted.cost, 0))::float8 END,
    counted.cost / nullif(counted.attendees, 0),
    counted.cost / nullif(counted.deals, 0),
    counted.cost / nullif(counted.won, 0)
  FROM chosen
  CROSS JOIN campaign AS c
  LEFT JOIN counted ON counted.campaign = c.code
  LEFT JOIN person AS boss ON boss.person_id = c.person_id
  LEFT JOIN segment AS s ON s.segment_id = c.segment_id
  WHERE (lower(c.during) <= chosen.today OR counted.campaign IS NOT NULL)
    AND (campaign_return.during IS NULL OR c.during && campaign_return.during)
    AND (campaign_return.person IS NULL
      OR c.person_id IN (
        SELECT who.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(campaign_return.person, given.today) AS who))
  ORDER BY lower(c.during), c.code;
END;
COMMENT ON FUNCTION campaign_return(timestamptz, text, daterange, jsonb) IS
'What each campaign cost and what came of it so far: those with a day in during that have begun or been answered, by default all; person: who runs it';

CREATE VIEW campaign_return WITH (security_invoker) AS
SELECT campaign, campaign_name, kind, person, person_name, segment, starts_on, ends_on,
  invited, registered, declined, attended, attendees, enquired, new_accounts, deals, won, lost, open_deals,
  won_amount::numeric(20,4), won_margin::numeric(20,4), won_without_margin, budget::numeric(20,4), cost::numeric(20,4),
  return_rate, margin_return_rate,
  cost_per_attendee::numeric(20,4), cost_per_deal::numeric(20,4), cost_per_won::numeric(20,4)
FROM campaign_return();
COMMENT ON VIEW campaign_return IS 'Who came to each campaign, whom did we meet there, what business came of it, and was it worth its cost?';
COMMENT ON COLUMN campaign_return.campaign IS 'Code of the campaign';
COMMENT ON COLUMN campaign_return.campaign_name IS 'Name of the campaign';
COMMENT ON COLUMN campaign_return.kind IS 'open_house, lunch_and_learn, seminar, social_event, talk, article, testimonial or other';
COMMENT ON COLUMN campaign_return.person IS 'Code of the person who runs it';
COMMENT ON COLUMN campaign_return.person_name IS 'Name of the person who runs it';
COMMENT ON COLUMN campaign_return.segment IS 'Code of the segment it is for';
COMMENT ON COLUMN campaign_return.starts_on IS 'First day';
COMMENT ON COLUMN campaign_return.ends_on IS 'Last day';
COMMENT ON COLUMN campaign_return.invited IS 'Accounts invited';
COMMENT ON COLUMN campaign_return.registered IS 'Accounts that registered';
COMMENT ON COLUMN campaign_return.declined IS 'Accounts that declined';
COMMENT ON COLUMN campaign_return.attended IS 'Accounts that attended';
COMMENT ON COLUMN campaign_return.attendees IS 'People they came with';
COMMENT ON COLUMN campaign_return.enquired IS 'Accounts that enquired';
COMMENT ON COLUMN campaign_return.new_accounts IS 'Accounts met for the first time: that took part, here first, and were not approached before it reached them';
COMMENT ON COLUMN campaign_return.deals IS 'Deals that came of it: won + lost + open_deals; each deal comes of one campaign';
COMMENT ON COLUMN campaign_return.won IS 'Of these, deals won by now';
COMMENT ON COLUMN campaign_return.lost IS 'Of these, deals lost by now';
COMMENT ON COLUMN campaign_return.open_deals IS 'Of these, deals that are neither';
COMMENT ON COLUMN campaign_return.won_amount IS 'Value of the deals won, by the last amount before the close';
COMMENT ON COLUMN campaign_return.won_margin IS 'Margin of their bookings';
COMMENT ON COLUMN campaign_return.won_without_margin IS 'Deals won without a booking that tells its margin';
COMMENT ON COLUMN campaign_return.budget IS 'What it might cost';
COMMENT ON COLUMN campaign_return.cost IS 'What it cost; empty before it begins and where nobody noted it';
COMMENT ON COLUMN campaign_return.return_rate IS '(won_amount - cost) / cost; empty without a cost above 0';
COMMENT ON COLUMN campaign_return.margin_return_rate IS '(won_margin - cost) / cost; empty without a cost above 0, and where the margin of a deal won is not known';
COMMENT ON COLUMN campaign_return.cost_per_attendee IS 'cost / attendees; empty where nobody came';
COMMENT ON COLUMN campaign_return.cost_per_deal IS 'cost / deals; empty without one';
COMMENT ON COLUMN campaign_return.cost_per_won IS 'cost / won; empty without one';

CREATE FUNCTION referral_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, account text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options || '{"win_rate_min_amount": 0}' AS options, book_date(referral_evidence.as_of, given.options) AS today
    FROM settings(referral_evidence.options, referral_evidence.as_of) AS given (options)
  ),
  closed AS MATERIALIZED (
    SELECT d.opportunity_id, d.won, d.closed_on, d.amount
    FROM chosen
    CROSS JOIN LATERAL closed_deal(referral_evidence.as_of, chosen.options) AS d
  )
  SELECT who.code, a.code, counted.figure, 'opportunity', o.code,
    CASE WHEN counted.figure IN ('referrals', 'open_deals') THEN o.created_at ELSE book_midnight(closed.closed_on, chosen.options) END,
    counted.value
  FROM chosen
  JOIN opportunity AS o ON o.referred_by IS NOT NULL AND o.created_at <= referral_evidence.as_of
  CROSS JOIN LATERAL book_date(o.created_at, chosen.options) AS its (day)
  JOIN account AS a ON a.account_id = o.referred_by
  LEFT JOIN account_owner AS owner ON owner.account_id = a.account_id AND owner.during @> its.day
  LEFT JOIN person AS who ON who.person_id = owner.person_id
  LEFT JOIN closed ON closed.opportunity_id = o.opportunity_id
  CROSS JOIN LATERAL (
    VALUES ('referrals', 1), (CASE closed.won WHEN true THEN 'won' WHEN false THEN 'lost' ELSE 'open_deals' END, 1),
      ('won_amount', CASE WHEN closed.won THEN closed.amount END)
  ) AS counted (figure, value)
  WHERE counted.value IS NOT NULL
    AND (referral_evidence.during IS NULL OR its.day <@ referral_evidence.during)
    AND (referral_evidence.person IS NULL
      OR owner.person_id IN (
        SELECT r.person_id
        FROM chosen AS given
        CROSS JOIN LATERAL report_on(referral_evidence.person, given.today) AS r));
END;
COMMENT ON FUNCTION referral_evidence(timestamptz, text, daterange, jsonb) IS 'The deals that referral counts';

CREATE FUNCTION referral(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, account text, account_name text, referrals int8, last_referral_at timestamptz,
  won int8, lost int8, open_deals int8, win_rate float8, win_rate_lower float8, win_rate_upper float8, won_amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(referral.options, referral.as_of) AS given (options)
  ),
  counted AS (
    SELECT e.person, e.account,
      count(*) FILTER (WHERE e.figure = 'referrals') AS referrals,
      max(e.at) FILTER (WHERE e.figure = 'referrals') AS last_at,
      count(*) FILTER (WHERE e.figure = 'won') AS won,
      count(*) FILTER (WHERE e.figure = 'lost') AS lost,
      count(*) FILTER (WHERE e.figure = 'open_deals') AS open_deals,
      coalesce(sum(e.value) FILTER (WHERE e.figure = 'won_amount'), 0) AS won_amount
    FROM referral_evidence(referral.as_of, referral.person, referral.during, referral.options) AS e
    GROUP BY e.person, e.account
  )
  SELECT who.code, who.name, a.code, a.name, counted.referrals, counted.last_at, counted.won, counted.lost, counted.open_deals,
    counted.won::float8 / nullif(counted.won + counted.lost, 0),
    wilson_lower(counted.won, counted.won + counted.lost, chosen.confidence),
    wilson_upper(counted.won, counted.won + counted.lost, chosen.confidence),
    counted.won_amount
  FROM chosen
  CROSS JOIN counted
  JOIN account AS a ON a.code = counted.account
  LEFT JOIN person AS who ON who.code = counted.person
  ORDER BY who.code, counted.referrals DESC, a.code;
END;
COMMENT ON FUNCTION referral(timestamptz, text, daterange, jsonb) IS
'The deals that each client referred and what became of them, by who owned that client on the day of the referral; during: the day the deal was opened, always by default; person: the owner';

CREATE VIEW referral WITH (security_invoker) AS
SELECT person, person_name, account, account_name, referrals, last_referral_at, won, lost, open_deals,
  win_rate, win_rate_lower, win_rate_upper, won_amount::numeric(20,4)
FROM referral();
COMMENT ON VIEW referral IS 'Which clients refer others to us, and what comes of it?';
COMMENT ON COLUMN referral.person IS 'Code of the owner of the referring account on the day of the referral; empty where nobody owned it';
COMMENT ON COLUMN referral.person_name IS 'Name of the owner';
COMMENT ON COLUMN referral.account IS 'Code of the account that referred';
COMMENT ON COLUMN referral.account_name IS 'Name of the account that referred';
COMMENT ON COLUMN referral.referrals IS 'Deals it referred: won + lost + open_deals';
COMMENT ON COLUMN referral.last_referral_at IS 'When the last of them was opened';
COMMENT ON COLUMN referral.won IS 'Of these, deals won by now';
COMMENT ON COLUMN referral.lost IS 'Of these, deals lost by now';
COMMENT ON COLUMN referral.open_deals IS 'Of these, deals that are neither';
COMMENT ON COLUMN referral.win_rate IS 'won / (won + lost), 0..1; empty while none is closed';
COMMENT ON COLUMN referral.win_rate_lower IS 'Lower bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN referral.win_rate_upper IS 'Upper bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN referral.won_amount IS 'Value of the deals won, by the last amount before the close';
