-- Once, as a superuser: createdb has been done (CREATE DATABASE palier ENCODING 'UTF8'), then
--   psql -v ON_ERROR_STOP=1 -v owner_password=… -v web_password=… -d palier -f deploy/postgresql/roles.sql
-- palier_owner migrates; palier_web is what the nodes run as: it can add to the log and never change it.

CREATE ROLE palier_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE palier_web LOGIN PASSWORD :'web_password' CONNECTION LIMIT 200;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO palier_owner;
GRANT USAGE ON SCHEMA public TO palier_web;
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO palier_owner, palier_web', current_database()) \gexec
SELECT format('ALTER DATABASE %I OWNER TO palier_owner', current_database()) \gexec

-- Then, with PALIER_DATABASE_URL as palier_owner: palier db upgrade; palier db grant palier_web
