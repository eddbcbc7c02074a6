-- What our page needs to send the payer's browser to the bank (3-D Secure). Forgotten once the payment is decided.
ALTER TABLE payments ADD COLUMN challenge TEXT;
