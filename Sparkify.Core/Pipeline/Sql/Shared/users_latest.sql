ts desc, session_id desc nulls last, item_in_session desc nulls last, level{bytewise}, first_name{bytewise}, last_name{bytewise}, gender{bytewise}
