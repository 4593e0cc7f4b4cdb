insert into macadam.handover (assets, from_team, division, state, to_team, divisions)
  values (array['device:60', 'device:61'], 'c', 'north', 'asked', 'd', array['north', 'south']);
insert into macadam.handover (assets, from_team, division, state, to_team, divisions)
  values (array['device:60'], 'd', 'south', 'asked', 'c', array['south', 'north']);
