package wire

// Shared is the full address of a page of the house, to give on.
type Shared struct {
	URL string `json:"url" format:"uri"`
	QR  QR     `json:"qr"`
}

// OEmbed says how another site shows a track or a playlist (oembed.com, version
// 1.0, type rich).
type OEmbed struct {
	Version         string `json:"version"`
	Type            string `json:"type" enum:"rich"`
	Title           string `json:"title"`
	AuthorName      string `json:"author_name"`
	AuthorURL       string `json:"author_url" format:"uri"`
	ProviderName    string `json:"provider_name" doc:"Name of the house."`
	ProviderURL     string `json:"provider_url" format:"uri"`
	CacheAge        int    `json:"cache_age" doc:"Seconds."`
	ThumbnailURL    string `json:"thumbnail_url,omitempty" format:"uri"`
	ThumbnailWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbnailHeight int    `json:"thumbnail_height,omitempty"`
	HTML            string `json:"html" doc:"A frame with the player."`
	Width           int    `json:"width" doc:"Pixels; the player is as wide as it is let be."`
	Height          int    `json:"height" doc:"Pixels."`
}
