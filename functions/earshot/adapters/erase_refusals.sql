-- Erase what refusals say of withdrawn recordings: addresses, names and evidence. The parameter "audio_ids" is a list.
UPDATE `$table`
SET source_url = NULL, file_name = NULL, page_url = NULL, detail = NULL, evidence = NULL, traceparent = NULL
WHERE audio_id IN UNNEST(@audio_ids) AND reason != 'withdrawn'
