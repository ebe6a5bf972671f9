"""What a log's orders need beside the log: parties, sites, a therapy, shipments; in SQL."""

NOUNS = """
INSERT INTO party VALUES ('maker', 'Maker', 'manufacturer'), ('courier', 'Courier', 'courier'),
('clinic', 'Clinic', 'center');
INSERT INTO site VALUES ('0614141000012', 'Plant', 'manufacturer', 'maker', 40, -80, 'UTC'),
('0614141000029', 'Clinic', 'qtc_pharmacy', 'clinic', 41, -81, 'UTC');
INSERT INTO therapy VALUES (:therapy, 'Bench', 'car_t');
INSERT INTO therapy_profile (sha256, therapy_id, version, document, created_at)
VALUES (:sha, :therapy, 1, :document, now());
INSERT INTO shipper (grai, kind, qualified_hold_h, conditioned_at, requalify_by)
VALUES ('G-1', 'ln2_dewar', 240, now(), now() + interval '1 year')
"""

ORDERS = """
INSERT INTO treatment_order SELECT 'A-' || k, 'bench',
(SELECT sha256 FROM therapy_profile WHERE therapy_id = 'bench'), repeat('0', 64),
'\\x00'::bytea, '', 'P', '0614141000029', now() FROM generate_series(CAST(:first AS int), :last) k;
INSERT INTO item SELECT 'I.' || k, 'A-' || k, 'g', k::text, 'lot', now()
FROM generate_series(CAST(:first AS int), :last) k;
INSERT INTO shipment (code, order_code, profile_sha256, shipper_grai, origin_gln,
destination_gln, state, planned_pickup_at, planned_delivery_at) SELECT 'U-' || k, 'A-' || k,
(SELECT sha256 FROM therapy_profile WHERE therapy_id = 'bench'), 'G-1', '0614141000012',
'0614141000029', 'planned', now(), now() + interval '2 days'
FROM generate_series(CAST(:first AS int), :last) k
"""
