song_title{bytewise}, artist_name{bytewise}, duration, level{bytewise}, location{bytewise}, user_agent{bytewise}, start_time
