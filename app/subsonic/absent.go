package subsonic

// The house has no radio stations, podcasts, videos and no chat: these are
// answered as empty. What only the house itself does, such as making accounts, is
// not for programs.

type internetRadioStations struct {
	Station list[struct{}] `xml:"internetRadioStation" json:"internetRadioStation"`
}

type podcasts struct {
	Channel list[struct{}] `xml:"channel" json:"channel"`
}

type newestPodcasts struct {
	Episode list[struct{}] `xml:"episode" json:"episode"`
}

type videos struct {
	Video list[struct{}] `xml:"video" json:"video"`
}

type chatMessages struct {
	ChatMessage list[struct{}] `xml:"chatMessage" json:"chatMessage"`
}

// notHere are calls that change what programs do not change.
var notHere = []string{
	"createUser", "updateUser", "deleteUser", "changePassword", "addChatMessage", "jukeboxControl",
	"createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation",
	"refreshPodcasts", "createPodcastChannel", "deletePodcastChannel", "deletePodcastEpisode", "downloadPodcastEpisode",
}

func (s *Server) absent() map[string]verb {
	always := func(name string, value any) verb {
		return verb{text: func(*call) (body, error) { return body{name: name, value: value}, nil }}
	}
	verbs := map[string]verb{
		"getInternetRadioStations": always("internetRadioStations", internetRadioStations{}),
		"getPodcasts":              always("podcasts", podcasts{}),
		"getNewestPodcasts":        always("newestPodcasts", newestPodcasts{}),
		"getVideos":                always("videos", videos{}),
		"getChatMessages":          always("chatMessages", chatMessages{}),
		"getLyrics":                {text: s.getLyrics},
		"getLyricsBySongId":        {text: s.getLyricsBySongID},
	}
	for _, name := range notHere {
		verbs[name] = verb{text: func(*call) (body, error) {
			return body{}, &refusal{code: codeForbid, text: "Programs can't do this. Do it in Earshot itself."}
		}}
	}
	return verbs
}
