select macadam.audit_append(array['{"action":"sample.begin","outcome":"done","principal":"sample","subject":"é"}']);
